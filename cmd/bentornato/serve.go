package main

import (
	"context"
	"errors"

	"bentornato/models"
	"bentornato/models/store"
)

// serve runs the product.
func serve() command {
	return command{
		name: "serve", about: "runs the product, for real",
		help: `Migrations are applied at the start, unless --no-migrate. Ctrl-C or SIGTERM stops it: what is under way is finished, and
nothing is lost. Meta calls /webhooks/messenger, shop systems /webhooks/inventory/..., the team opens the address in a browser.
While nobody can sign in, it prints a one-time code; the browser asks for it and makes the first owner.
Pages are set up in Messenger by "bentornato page connect", not here.`,
		settings: allSettings(), migrates: true,
		run: func(ctx context.Context, v *invocation) error {
			if len(v.config.SecretKey) == 0 {
				return models.Errorf(models.KindInvalid, "BENTORNATO_SECRET_KEY is not set: tokens and secrets could not be sealed. \"bentornato key generate-secret\" prints one; keep it safe.")
			}
			listener, err := listen(ctx, v.config.Addr)
			if err != nil {
				return err
			}
			err = v.withStore(ctx, func(s *store.Store) error {
				if err := s.CheckSecret(ctx); err != nil {
					return err
				}
				i, err := install(v.config, s, listener, s.Now, v.log, nil)
				if err != nil {
					return err
				}
				public := v.config.PublicURL(listener.Addr().String())
				if err := i.offerSetup(ctx, v, public); err != nil {
					return err
				}
				v.log.Info("serving", "address", listener.Addr().String(), "public", public)
				return i.run(ctx)
			})
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				err = nil // told to stop while starting
			}
			_ = listener.Close() // closed already where it served
			return err
		},
	}
}
