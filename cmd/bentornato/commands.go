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
		pageImportOptIns(),
		sourceAdd(),
		keyAdd(),
		keyGenerateSecret(),
		productImport(),
		consentsExport(),
		backup(),
		doctor(),
		sandboxAlone(),
		bench(),
		version(),
	}
}
