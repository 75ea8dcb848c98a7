package views

import (
	"maps"

	"github.com/a-h/templ"

	"bentornato/models"
)

// steps are the first steps of which n are done.
func steps(n int) models.FirstSteps {
	f := models.FirstSteps{Done: map[models.FirstStep]bool{}}
	for _, s := range models.FirstStepNames[:n] {
		f.Done[s] = true
	}
	return f
}

// setupShown are the screens of setting up and of the settings.
func setupShown() map[string]templ.Component {
	outside := Page{CurrentURL: "/setup", Now: now}
	wrong := SetupForm{Code: "ABCD-EFGH", Email: "giulia@bottega.example", Language: "it", Err: models.FieldErrorf("code", "This is not the code that the server printed; it looks like ABCD-EFGH-JKLM-NPQR.")}
	differ := wrong
	differ.Err = models.FieldErrorf("password_again", "The two passwords are not the same.")
	often := wrong
	often.Err = models.Errorf(models.KindForbidden, "Too many tries. Wait a quarter of an hour and try again.")
	begun := FirstStepsProps{Page: frame("/setup"), Steps: steps(1), WebhookURL: "https://bentornato.example/webhooks/messenger"}
	begun.Flash = Flash{Notice: NoticeSetUp}
	aside := FirstStepsProps{Page: frame("/setup"), Steps: steps(4), WebhookURL: begun.WebhookURL}
	aside.Steps.AsideAt = ago(day)
	looking := begun
	looking.Page = as(frame("/setup"), models.RoleViewer)
	shown := officeShown()
	maps.Copy(shown, map[string]templ.Component{
		"setup":                Setup(SetupProps{Page: outside, Form: SetupForm{Language: "en"}}),
		"setup_wrong_it":       Setup(SetupProps{Page: outside, Form: wrong}),
		"setup_differ":         Setup(SetupProps{Page: outside, Form: differ}),
		"setup_often":          Setup(SetupProps{Page: outside, Form: often}),
		"first_steps":          FirstSteps(begun),
		"first_steps_it":       FirstSteps(begun),
		"first_steps_aside":    FirstSteps(aside),
		"first_steps_complete": FirstSteps(FirstStepsProps{Page: frame("/setup"), Steps: steps(6)}),
		"first_steps_viewer":   FirstSteps(looking),
	})
	return shown
}
