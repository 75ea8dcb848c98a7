package models

import (
	"crypto/rand"
	"strings"
	"time"
)

// Length of a set-up code in characters, of 5 random bits each, and how it is grouped for people.
const (
	setupCodeLength = 16
	setupCodeGroup  = 4
)

// NewSetupCode makes the one-time code with which the first owner is made: 80 random bits, written like
// ABCD-EFGH-JKLM-NPQR.
func NewSetupCode() string {
	var groups []string
	for text := rand.Text()[:setupCodeLength]; text != ""; text = text[setupCodeGroup:] {
		groups = append(groups, text[:setupCodeGroup])
	}
	return strings.Join(groups, "-")
}

// FoldSetupCode is a code as it is compared: case, spaces and hyphens do not count, and digits that codes do not hold are
// taken for the letters that they look like.
func FoldSetupCode(typed string) string {
	return strings.NewReplacer("-", "", " ", "", "\t", "", "0", "O", "1", "I", "8", "B").Replace(strings.ToUpper(strings.TrimSpace(typed)))
}

// FirstStep is one of the steps that lead from a new installation to the first opt-in.
type FirstStep string

// The steps, each of which needs those before it.
const (
	StepPage     FirstStep = "page"     // a Page is added
	StepWebhook  FirstStep = "webhook"  // Meta called: the webhook is verified, or events came
	StepProduct  FirstStep = "product"  // something is listed
	StepStock    FirstStep = "stock"    // a source is added, or stock was reported by hand
	StepInterest FirstStep = "interest" // somebody asked about something
	StepOptIn    FirstStep = "opt_in"   // somebody tapped Notify Me
)

// FirstStepNames are the steps in their order.
var FirstStepNames = []FirstStep{StepPage, StepWebhook, StepProduct, StepStock, StepInterest, StepOptIn}

// FirstSteps says how far an installation is.
type FirstSteps struct {
	// Done has the steps that are done.
	Done map[FirstStep]bool
	// AsideAt is when the list was put aside; zero where it was not.
	AsideAt time.Time
}

// Complete reports whether every step is done.
func (f FirstSteps) Complete() bool { return f.Count() == len(FirstStepNames) }

// Count is how many steps are done.
func (f FirstSteps) Count() int {
	n := 0
	for _, s := range FirstStepNames {
		if f.Done[s] {
			n++
		}
	}
	return n
}

// Next is the first step that is not done; empty where all are.
func (f FirstSteps) Next() FirstStep {
	for _, s := range FirstStepNames {
		if !f.Done[s] {
			return s
		}
	}
	return ""
}

// Pressing reports whether the list belongs on the first screen: something is left to do, and nobody put it aside.
func (f FirstSteps) Pressing() bool { return !f.Complete() && f.AsideAt.IsZero() }
