package views

// LoginProps is the sign-in form: POST /login with email, password and next.
type LoginProps struct {
	Page
	Email string
	// Next is where to go after signing in; a path of this site.
	Next string
	Err  error
	// DemoEmail and DemoPassword are shown in the demo, whose login protects nothing; empty otherwise.
	DemoEmail    string
	DemoPassword string
}
