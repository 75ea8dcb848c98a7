package models_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

func TestSetupCodes(t *testing.T) {
	code := models.NewSetupCode()
	if !regexp.MustCompile(`^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$`).MatchString(code) {
		t.Errorf("the code is %q", code)
	}
	if code == models.NewSetupCode() {
		t.Error("two codes are the same")
	}
	if got := models.FoldSetupCode(" " + strings.ToLower(strings.ReplaceAll(code, "-", " ")) + "\t"); got != strings.ReplaceAll(code, "-", "") {
		t.Errorf("%q folds to %q", code, got)
	}
	if got := models.FoldSetupCode("o0i1-b8"); got != "OOIIBB" {
		t.Errorf("what looks alike folds to %q", got)
	}
}

func TestFirstSteps(t *testing.T) {
	f := models.FirstSteps{Done: map[models.FirstStep]bool{}}
	for i, s := range models.FirstStepNames {
		if f.Next() != s || f.Count() != i || f.Complete() || !f.Pressing() {
			t.Errorf("after %d steps: next %q, count %d, complete %v", i, f.Next(), f.Count(), f.Complete())
		}
		f.Done[s] = true
	}
	if f.Next() != "" || !f.Complete() || f.Pressing() {
		t.Errorf("after all steps: %+v", f)
	}
	delete(f.Done, models.StepStock)
	if f.AsideAt = time.Unix(1, 0); f.Pressing() || f.Next() != models.StepStock {
		t.Errorf("put aside: %+v", f)
	}
}
