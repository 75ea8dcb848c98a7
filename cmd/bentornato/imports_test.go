package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "bentornato"

// arrows says which of our packages each of our packages may import. A package that is not here must be added, and
// with it a decision about what it may know.
var arrows = map[string][]string{
	"models":                  {},
	"models/store":            {"models", "models/store/migrations"},
	"models/store/migrations": {},
	"models/store/storetest":  {"models/store", "models/store/migrations"},
	"models/restock":          {"models", "models/store"},
	"models/dispatch":         {"models", "models/store"},
	"web/messenger":           {"models"},
	"web/inventory":           {"models"},
	"web/sandbox":             {"views"},
	"views":                   {"models"},
	"static":                  {},
	"web":                     {"models", "views", "static", "web/messenger", "web/inventory"},
	"cmd/bentornato": {"models", "models/store", "models/restock", "models/dispatch", "views", "static", "web", "web/messenger",
		"web/inventory", "web/sandbox"},
}

// only says which packages alone may import something of others. A name that ends in a slash stands for all below it.
var only = map[string]string{
	"github.com/labstack/echo/": "web",
	"gorm.io/":                  "models/store",
}

// standardOnly are packages that import the standard library, and ours, and nothing else.
var standardOnly = []string{"models", "static"}

// TestImports holds the arrows between our packages. Test files may import what they need to test with, but not this
// command, which nobody imports.
func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		relative, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(relative)
		seen[pkg] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range parsed.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if why := refused(pkg, imported, strings.HasSuffix(file, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", path.Join(pkg, entry.Name()), imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range seen {
		if _, declared := arrows[pkg]; !declared {
			t.Errorf("package %s stands in no list; declare here what it may import", pkg)
		}
	}
	for pkg := range arrows {
		if !seen[pkg] {
			t.Errorf("package %s is declared and does not exist", pkg)
		}
	}
}

// refused says why a package may not import another; empty where it may.
func refused(pkg, imported string, test bool) string {
	ours, isOurs := strings.CutPrefix(imported, module+"/")
	switch {
	case isOurs && strings.HasPrefix(ours, "cmd/"):
		return "nobody imports a command"
	case test:
		return ""
	case isOurs && !slices.Contains(arrows[pkg], ours):
		return "there is no such arrow in the design"
	case isOurs:
		return ""
	}
	for prefix, owner := range only {
		if strings.HasPrefix(imported+"/", prefix) && pkg != owner {
			return "only " + owner + " imports it"
		}
	}
	domain, _, _ := strings.Cut(imported, "/")
	if slices.Contains(standardOnly, pkg) && strings.Contains(domain, ".") {
		return "this package imports the standard library only"
	}
	return ""
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		pkg, imported string
		test          bool
		refused       bool
	}{
		{"web", "bentornato/models", false, false},
		{"web", "bentornato/models/store", false, true},
		{"web", "bentornato/models/store", true, false},
		{"web", "bentornato/cmd/bentornato", true, true},
		{"models", "github.com/google/go-cmp/cmp", false, true},
		{"models", "encoding/json", false, false},
		{"models", "bentornato/views", false, true},
		{"views", "github.com/a-h/templ", false, false},
		{"views", "github.com/labstack/echo/v4", false, true},
		{"web", "github.com/labstack/echo/v4/middleware", false, false},
		{"models/restock", "gorm.io/gorm", false, true},
		{"models/store", "gorm.io/driver/sqlite", false, false},
		{"web/sandbox", "bentornato/web/messenger", false, true},
		{"models/restock", "bentornato/models/store/storetest", false, true},
		{"web/newcomer", "bentornato/models", false, true},
	} {
		if why := refused(tt.pkg, tt.imported, tt.test); (why != "") != tt.refused {
			t.Errorf("%s importing %s (test %v): refused for %q, want refused %v", tt.pkg, tt.imported, tt.test, why, tt.refused)
		}
	}
}
