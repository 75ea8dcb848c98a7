package inventory_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// daneaForm is the form that Easyfatt posts, and its content type.
func daneaForm(t testing.TB, field string, file []byte) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("easyfatt-7d8f0c"); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile(field, "articoli.xml")
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func fromDanea(t testing.TB, file string) inventory.Request {
	t.Helper()
	kind, body := daneaForm(t, "file", []byte(file))
	return signed(t, inventory.Danea, kind, body)
}

func TestDaneaVerify(t *testing.T) {
	a := adapter(t, inventory.Danea)
	basic := func(login string) string { return base64.StdEncoding.EncodeToString([]byte(login)) }
	for name, tt := range map[string]struct {
		header, value, secret string
		ok                    bool
	}{
		"basic":                             {"Authorization", "Basic " + basic("negozio:pass"), "pass", true},
		"no login":                          {"Authorization", "Basic " + basic(":pass"), "pass", true},
		"a colon in the password":           {"Authorization", "Basic " + basic("negozio:pa:ss"), "pa:ss", true},
		"the other header":                  {"X-Authorization", basic("negozio:pass"), "pass", true},
		"the login is a part of the secret": {"X-Authorization", basic("negozio:pass"), "negozio:pass", true},
		"another login":                     {"X-Authorization", basic("altro:pass"), "negozio:pass", false},
		"another password":                  {"Authorization", "Basic " + basic("negozio:word"), "pass", false},
		"no password":                       {"Authorization", "Basic " + basic("pass:"), "pass", false},
		"the password alone":                {"Authorization", "Basic " + basic("pass"), "other", false},
		"another scheme":                    {"Authorization", "Digest " + basic("negozio:pass"), "pass", false},
		"nothing":                           {"Authorization", "", "pass", false},
		"an empty secret":                   {"Authorization", "Basic " + basic(":"), "", false},
	} {
		err := a.Verify(inventory.Request{Method: "POST", Header: headers(tt.header, tt.value), Secrets: []string{"", tt.secret}, Now: now})
		if tt.ok && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !tt.ok {
			wantUnsigned(t, err)
		}
	}
}

func TestDaneaParse(t *testing.T) {
	a := adapter(t, inventory.Danea)
	full := func(products string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><EasyfattProducts AppVersion="2" Mode="full"><Products>` + products + `</Products></EasyfattProducts>`
	}
	mug := func(fields string) string { return full(`<Product><Code>MUG</Code>` + fields + `</Product>`) }
	for _, tt := range []struct {
		name, file string
		whole      bool
		want       []models.StockItem
	}{
		{"everything; what is left out is zero", string(recorded(t, "danea/products.full.xml")), true, []models.StockItem{item("MAGLIA-BLU", 17), item("CAPPELLO-NERO", 0)}},
		{
			"changes alone, with variants", string(recorded(t, "danea/products.incremental.variants.xml")), false,
			[]models.StockItem{item("0042/M/Blu", 23), item("0042/L/Blu", 0), item("MAGLIA-BLU", 23), item("VECCHIO-01", 0)},
		},
		{
			"protocol 1 has no mode", `<EasyfattProducts AppVersion="DaneaEasyfatt.2006.17.00"><Products><Product><Code>MUG</Code><AvailableQty>3</AvailableQty></Product></Products></EasyfattProducts>`,
			true, []models.StockItem{item("MUG", 3)},
		},
		{
			"protocol 2 has its variants in the product", mug(`<ManageWarehouse>true</ManageWarehouse><Variant><Size>M</Size><Color>Blu</Color><AvailableQty>2</AvailableQty></Variant><Variant><Size>L</Size><AvailableQty>1</AvailableQty></Variant>`),
			true, []models.StockItem{item("MUG/M/Blu", 2), item("MUG/L", 1), item("MUG", 3)},
		},
		{
			"the other name of the changes", `<EasyfattProducts AppVersion="2" Mode="incremental"><UpdateProducts><Product><Code> MUG </Code><AvailableQty> 4 </AvailableQty></Product></UpdateProducts></EasyfattProducts>`,
			false, []models.StockItem{item("MUG", 4)},
		},
		{"a decimal comma", mug(`<AvailableQty>2,75</AvailableQty>`), true, []models.StockItem{item("MUG", 2)}},
		{
			"articles without the list around them, as other programs send them", `<EasyfattProducts AppVersion="2" Mode="full"><Product><Code>MUG</Code><AvailableQty>2</AvailableQty></Product><Product><Code>CUP</Code></Product></EasyfattProducts>`,
			true, []models.StockItem{item("MUG", 2), item("CUP", 0)},
		},
		{"decimals", mug(`<AvailableQty>2.75</AvailableQty>`), true, []models.StockItem{item("MUG", 2)}},
		{"oversold", mug(`<AvailableQty>-2</AvailableQty>`), true, []models.StockItem{item("MUG", -2)}},
		{"an empty quantity", mug(`<AvailableQty/>`), true, []models.StockItem{item("MUG", 0)}},
		{"not kept in the warehouse", mug(`<ManageWarehouse>false</ManageWarehouse>`), true, []models.StockItem{uncounted("MUG")}},
		{"fields nobody asked for", mug(`<AvailableQty>1</AvailableQty><ExtraBarcodes><Barcode PackageQty="12">X</Barcode></ExtraBarcodes>`), true, []models.StockItem{item("MUG", 1)}},
		{"a byte order mark", "\ufeff" + mug(`<AvailableQty>1</AvailableQty>`), true, []models.StockItem{item("MUG", 1)}},
		{
			"saved anew on Windows", "<?xml version=\"1.0\" encoding=\"windows-1252\"?><EasyfattProducts><Products><Product><Code>CAFF\xc8</Code><AvailableQty>1</AvailableQty></Product></Products></EasyfattProducts>",
			true, []models.StockItem{item("CAFFÈ", 1)},
		},
		{"a product without a code", full(`<Product><Description>x</Description></Product><Product><Code>MUG</Code></Product>`), true, []models.StockItem{item("MUG", 0)}},
		{"nothing at all takes nothing away", full(``), false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fromDanea(t, tt.file)
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			got, err := a.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Report.Items, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Report.Whole != tt.whole || got.Empty != (tt.want == nil) || (!got.Empty && !got.Report.At.Equal(now)) {
				t.Errorf("whole %v, empty %v, at %v", got.Report.Whole, got.Empty, got.Report.At)
			}
			bare := r
			bare.Body, bare.Header = []byte(tt.file), headers("Content-Type", "text/xml")
			wantResult(t, a, bare, got)
		})
	}
}

func TestDaneaCatalogue(t *testing.T) {
	a := adapter(t, inventory.Danea)
	wantCatalogue(t, a, fromDanea(t, string(recorded(t, "danea/products.full.xml"))),
		models.CatalogueProduct{ID: "MAGLIA-BLU", Title: "Maglia girocollo blu", Variants: []models.CatalogueVariant{{ID: "MAGLIA-BLU", SKU: "MAGLIA-BLU", Price: "37.00", Currency: "EUR"}}},
		models.CatalogueProduct{ID: "CAPPELLO-NERO", Title: "Cappello nero (AvailableQty omesso: vale zero)", Variants: []models.CatalogueVariant{{ID: "CAPPELLO-NERO", SKU: "CAPPELLO-NERO"}}},
	)
	wantCatalogue(t, a, fromDanea(t, string(recorded(t, "danea/products.incremental.variants.xml"))),
		models.CatalogueProduct{
			ID: "MAGLIA-BLU", Title: "Maglia girocollo blu", VariantIDs: []string{"0042/M/Blu", "0042/L/Blu"},
			Variants: []models.CatalogueVariant{{ID: "0042/M/Blu", SKU: "0042/M/Blu", Option: "M / Blu"}, {ID: "0042/L/Blu", SKU: "0042/L/Blu", Option: "L / Blu"}},
		},
		models.CatalogueProduct{ID: "VECCHIO-01", Deleted: true},
	)
}

// The person who clicked reads the answer in Easyfatt, in Italian; the merchant's team reads the reason in English.
func TestDaneaRefuses(t *testing.T) {
	a := adapter(t, inventory.Danea)
	refuser := a.(inventory.Refuser)
	one := `<Product><Code>MUG</Code></Product>`
	for _, tt := range []struct {
		name             string
		r                inventory.Request
		english, italian string
	}{
		{"nothing", signed(t, inventory.Danea, "", nil), "holds no file", "non contiene il file XML"},
		{"another field", signed(t, inventory.Danea, "application/x-www-form-urlencoded", []byte("articoli=1")), `no field "file"`, "non contiene il file XML"},
		{"a form that breaks off", signed(t, inventory.Danea, "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n<Easy")), "breaks off", "non contiene il file XML"},
		{"no XML", fromDanea(t, "sku;qty\nMUG;1"), "is no XML", "non è un XML leggibile"},
		{"half of one", fromDanea(t, `<EasyfattProducts Mode="full"><Products>`+one), "is no XML", "non è un XML leggibile"},
		{"another XML", fromDanea(t, `<EasyfattDocuments/>`), "begins with <EasyfattDocuments>", "non è un catalogo"},
		{"another encoding", fromDanea(t, `<?xml version="1.0" encoding="utf-7"?><EasyfattProducts/>`), "is no XML", "non è un XML leggibile"},
		{"a quantity in words", fromDanea(t, `<EasyfattProducts><Products>`+one+`<Product><Code>CUP 2</Code><AvailableQty>dodici</AvailableQty></Product></Products></EasyfattProducts>`), `"dodici" of "CUP 2" is no number`, `articolo "CUP 2" non è un numero`},
		{"too many", fromDanea(t, `<EasyfattProducts><Products>`+strings.Repeat(one, inventory.MaxItems+1)+`</Products></EasyfattProducts>`), "holds 5001 products", "più di 5000 articoli"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.Parse(tt.r)
			if models.KindOf(err) != models.KindInvalid || !strings.Contains(models.MessageOf(err), tt.english) {
				t.Fatalf("refused with %v, want %q", err, tt.english)
			}
			if diff := cmp.Diff(inventory.Result{}, got); diff != "" {
				t.Errorf("refused, and yet there is a result:\n%s", diff)
			}
			reply := refuser.Refuse(err, 400)
			if reply.Status != 400 || !strings.HasPrefix(reply.ContentType, "text/plain") || !strings.Contains(string(reply.Body), tt.italian) {
				t.Errorf("answered %d %s %q, want %q", reply.Status, reply.ContentType, reply.Body, tt.italian)
			}
		})
	}
	reply := refuser.Refuse(a.Verify(inventory.Request{}), 401)
	if reply.Header.Get("WWW-Authenticate") == "" || !strings.Contains(string(reply.Body), "password") {
		t.Errorf("a wrong password is answered %+v", reply)
	}
	if reply := refuser.Refuse(errors.New("disk full: secret"), 500); strings.Contains(string(reply.Body), "disk") || len(reply.Body) == 0 {
		t.Errorf("our own failure is shown as %q", reply.Body)
	}
}

// The same catalogue sent twice in a row is the same call; later it is news, since what was sold in between is back.
func TestDaneaKey(t *testing.T) {
	a := adapter(t, inventory.Danea)
	key := func(file string, at time.Time) string {
		r := fromDanea(t, file)
		r.Now = at
		got, err := a.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		return got.Report.Key
	}
	full, changes := string(recorded(t, "danea/products.full.xml")), string(recorded(t, "danea/products.incremental.variants.xml"))
	at := now.Truncate(5 * time.Minute)
	if key(full, at) != key(full, at.Add(time.Minute)) {
		t.Error("sent again after a minute it is another call")
	}
	if key(full, at) == key(full, at.Add(time.Hour)) {
		t.Error("sent again after an hour it is the same call")
	}
	if key(full, at) == key(changes, at) {
		t.Error("two catalogues share a key")
	}
}
