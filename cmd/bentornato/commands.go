package main

import "bentornato/web"

// commands is every command, in the order of the help.
func commands() []command {
	return []command{
		demo(),
		serve(),
		migrate(),
		userAdd(web.HashPassword),
		pageAdd(),
		pageConnect(),
		sourceAdd(),
		keyAdd(),
		keyGenerateSecret(),
		productImport(),
		backup(),
		doctor(),
		sandboxAlone(),
		bench(),
		version(),
	}
}
