package main

import (
	"context"
	"fmt"
)

// offerSetup prints the code with which the first owner is made, where nobody can sign in yet. It is good once, on every
// process of the installation, until there is a login.
func (i *installation) offerSetup(ctx context.Context, v *invocation, public string) error {
	code, err := i.service.OfferSetup(ctx)
	if err != nil || code == "" {
		return err
	}
	v.log.Info("nobody can sign in yet; the first owner is made in the browser with the code", "address", public+"/setup", "code", code)
	_, err = fmt.Fprintf(v.stdout, "Nobody can sign in yet. Open %s/setup and type this code, which is good once:\n\n    %s\n\n", public, code)
	return err
}
