package inventory

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"bentornato/models"
)

// Danea is Danea Easyfatt, by its e-commerce module.
const Danea models.SourceKind = "danea-easyfatt"

// danea reads the catalogue that Easyfatt sends (Strumenti > E-Commerce > Aggiorna articoli): an XML in the field
// "file" of a form, by protocol 1 (no Mode: everything), 2 (Mode full or incremental) or 3 (variants in their own
// element). It logs in with a name and a password, of which the password is the source's secret. What is zero is left
// out of the XML. Documentation: danea.it, "Specifiche tecniche e-commerce", pages "invio prodotti", "versioni" and
// "autenticazione".
//
// Not confirmed: that Easyfatt shows the text of an answer whose status is not 200, and what it sends as the login's
// scheme before it was asked for one.
type danea struct{}

// Verify checks the password, sent as HTTP Basic or in X-Authorization. The secret may hold the login as well
// ("login:password"); otherwise any login will do.
func (danea) Verify(r Request) error {
	encoded, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	if !ok {
		encoded = strings.TrimPrefix(r.Header.Get("X-Authorization"), "Basic ")
	}
	login, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil || len(login) == 0 {
		return errUnsigned()
	}
	_, password, _ := strings.Cut(string(login), ":")
	whole, alone := isSecret(string(login), r), isSecret(password, r)
	if !whole && !alone {
		return errUnsigned()
	}
	return nil
}

// daneaCatalogue is the XML, as far as it is read.
type daneaCatalogue struct {
	XMLName  xml.Name
	Mode     string         `xml:"Mode,attr"`
	Products []daneaProduct `xml:"Products>Product"`
	Bare     []daneaProduct `xml:"Product"` // as other programs that speak the protocol write them
	// Updated has two names: the pages of the specification differ.
	Updated []daneaProduct `xml:"UpdatedProducts>Product"`
	Update  []daneaProduct `xml:"UpdateProducts>Product"`
	Deleted []daneaProduct `xml:"DeletedProducts>Product"`
}

type daneaProduct struct {
	Code            string `xml:"Code"`
	InternalID      string `xml:"InternalID"`
	Description     string `xml:"Description"`
	Link            string `xml:"Link"`
	GrossPrice      string `xml:"GrossPrice1"`
	ManageWarehouse string `xml:"ManageWarehouse"`
	AvailableQty    string `xml:"AvailableQty"`
	// Variants stand in an element of their own since protocol 3, and before it in the product.
	Variants []daneaVariant `xml:"Variants>Variant"`
	Bare     []daneaVariant `xml:"Variant"`
}

type daneaVariant struct {
	Code         string `xml:"Code"`
	Barcode      string `xml:"Barcode"`
	Size         string `xml:"Size"`
	Color        string `xml:"Color"`
	AvailableQty string `xml:"AvailableQty"`
}

func (danea) Parse(r Request) (Result, error) {
	file, err := daneaFile(r)
	if err != nil {
		return Result{}, err
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	d.CharsetReader = daneaCharset
	var c daneaCatalogue
	if err := d.Decode(&c); err != nil {
		return Result{}, daneaFault(faultXML, "", "the file is no XML: %s", models.Shorten(strings.ToValidUTF8(err.Error(), ""), 120))
	}
	if c.XMLName.Local != "EasyfattProducts" {
		return Result{}, daneaFault(faultRoot, "", "the file is no catalogue of Easyfatt: it begins with <%s>", models.Shorten(c.XMLName.Local, 40))
	}
	full := !strings.EqualFold(strings.TrimSpace(c.Mode), "incremental")
	all := slices.Concat(c.Products, c.Bare, c.Updated, c.Update)
	if n := len(all) + len(c.Deleted); n > MaxItems {
		return Result{}, daneaFault(faultMany, "", "the catalogue holds %d products; send at most %d at once", n, MaxItems)
	}
	// Easyfatt gives no id: the same catalogue within a short while is the same call.
	report := models.StockReport{Key: briefKey(r.Now, string(file)), At: r.Now.UTC(), Whole: full && len(all) > 0}
	for _, p := range all {
		if err := daneaListed(&report, p); err != nil {
			return Result{}, err
		}
	}
	for _, p := range c.Deleted {
		if code := plain(p.Code, models.MaxSKU); listable(code) {
			report.Items = append(report.Items, models.StockItem{SKU: code})
			report.Catalogue = append(report.Catalogue, models.CatalogueProduct{ID: code, Deleted: true})
		}
	}
	if len(report.Items) > MaxItems {
		return Result{}, daneaFault(faultMany, "", "the catalogue holds %d variants; send at most %d at once", len(report.Items), MaxItems)
	}
	return result(report), nil
}

// daneaListed reads one product. One of sizes and colours is told with its variants, which have a bar code and no code
// of their own; its own quantity is theirs together.
func daneaListed(report *models.StockReport, p daneaProduct) error {
	code := strings.TrimSpace(p.Code)
	if !listable(code) {
		return nil // Easyfatt sends no product without a code; no variant of ours can have a longer one
	}
	product := models.CatalogueProduct{ID: code, Title: p.Description, URL: p.Link}
	if product.Title == "" {
		product.Title = code
	}
	price, counted := decimal(daneaNumber(p.GrossPrice)), !strings.EqualFold(strings.TrimSpace(p.ManageWarehouse), "false")
	own, err := daneaStock(code, p.AvailableQty, counted)
	if err != nil {
		return err
	}
	variants := append(p.Variants, p.Bare...)
	if len(variants) == 0 {
		product.Variants = []models.CatalogueVariant{{ID: code, SKU: code, Price: price, Currency: "EUR"}}
	}
	sum := models.Stock{}
	for _, v := range variants {
		sku := daneaSKU(code, v)
		stock, err := daneaStock(sku, v.AvailableQty, counted)
		if err != nil {
			return err
		}
		sum = models.SharedStock(sum, stock)
		product.VariantIDs = append(product.VariantIDs, sku)
		if !listable(sku) {
			continue
		}
		product.Variants = append(product.Variants, models.CatalogueVariant{ID: sku, SKU: sku, Price: price, Currency: "EUR",
			Option: strings.Trim(strings.TrimSpace(v.Size)+" / "+strings.TrimSpace(v.Color), " /")})
		report.Items = append(report.Items, models.StockItem{SKU: sku, Stock: stock})
	}
	if len(variants) > 0 && strings.TrimSpace(p.AvailableQty) == "" {
		own = sum
	}
	report.Items = append(report.Items, models.StockItem{SKU: code, Stock: own})
	if price == "" {
		for i := range product.Variants {
			product.Variants[i].Currency = ""
		}
	}
	report.Catalogue = append(report.Catalogue, listed(product))
	return nil
}

// daneaSKU names a variant: by its bar code, or as Easyfatt makes bar codes itself, from code, size and colour.
func daneaSKU(code string, v daneaVariant) string {
	for _, own := range []string{v.Code, v.Barcode} {
		if own = strings.TrimSpace(own); own != "" {
			return own
		}
	}
	parts := []string{code}
	for _, p := range []string{v.Size, v.Color} {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// daneaStock reads a quantity. What is zero is left out; what is not kept in the warehouse is not counted.
func daneaStock(sku, quantity string, counted bool) (models.Stock, error) {
	if !counted {
		return models.Stock{Unknown: true}, nil
	}
	if quantity = daneaNumber(quantity); quantity == "" {
		return models.Stock{}, nil
	}
	o := object{fields: map[string]any{"q": json.Number(quantity)}}
	n, err := o.quantity("q")
	if err != nil {
		return models.Stock{}, daneaFault(faultQuantity, sku, "the AvailableQty %s of %s is no number", show(quantity), show(sku))
	}
	return models.Stock{Available: n}, nil
}

// daneaNumber is a number with a decimal point, which the specification has; a comma is what an Italian hand puts there.
func daneaNumber(s string) string { return strings.Replace(strings.TrimSpace(s), ",", ".", 1) }

// daneaFile is the XML of a call: the field "file" of a form, or else the first that is a file, or the body itself.
func daneaFile(r Request) ([]byte, error) {
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return nil, daneaFault(faultFile, "", "the call holds no file")
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
		return daneaForm(multipart.NewReader(bytes.NewReader(r.Body), params["boundary"]))
	case err == nil && kind == "application/x-www-form-urlencoded" && !bytes.HasPrefix(bytes.TrimSpace(r.Body), []byte("<")):
		form, err := url.ParseQuery(string(r.Body))
		if err != nil || form.Get("file") == "" {
			return nil, daneaFault(faultFile, "", "the form holds no field \"file\"")
		}
		return []byte(form.Get("file")), nil
	default:
		return r.Body, nil
	}
}

func daneaForm(form *multipart.Reader) ([]byte, error) {
	var first []byte
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, daneaFault(faultFile, "", "the form breaks off")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, daneaFault(faultFile, "", "the form breaks off")
		}
		if part.FormName() == "file" {
			return content, nil
		}
		if first == nil && part.FileName() != "" {
			first = content
		}
	}
	if first == nil {
		return nil, daneaFault(faultFile, "", "the form holds no field \"file\"")
	}
	return first, nil
}

// daneaCharset reads the encodings of Western Windows, in case somebody saved the file anew; the specification has
// UTF-8. The characters between 0x80 and 0x9f, which they have and Latin 1 has not, become spaces.
func daneaCharset(charset string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "us-ascii":
	default:
		return nil, fmt.Errorf("the encoding %q is not known here", charset)
	}
	raw, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	text := make([]byte, 0, len(raw)+len(raw)/8)
	for _, b := range raw {
		switch {
		case b == 0x80 || (b == 0xa4 && strings.HasSuffix(charset, "15")):
			text = append(text, "€"...)
		case b > 0x80 && b < 0xa0:
			text = append(text, ' ')
		default:
			text = utf8.AppendRune(text, rune(b))
		}
	}
	return bytes.NewReader(text), nil
}

// The faults of a catalogue, as the field of an error: Easyfatt shows the answer to the person who sent it, and that
// person reads Italian.
const (
	faultFile     = "file"
	faultXML      = "xml"
	faultRoot     = "EasyfattProducts"
	faultMany     = "Products"
	faultQuantity = "AvailableQty"
)

func daneaFault(field, sku, format string, args ...any) error {
	e := models.FieldErrorf(field, format, args...)
	if sku != "" {
		e.Field += " " + sku
	}
	e.Message = strings.ToUpper(e.Message[:1]) + e.Message[1:] + "."
	return e
}

// Refuse says in Italian what is wrong, as text: Easyfatt shows whatever is not "OK" as the error. A wrong password is
// answered with the scheme to send it by, since Easyfatt may send none before it is asked.
func (danea) Refuse(err error, status int) Reply {
	reply := Reply{Status: status, ContentType: "text/plain; charset=utf-8", Body: []byte(daneaSentence(err))}
	if status == http.StatusUnauthorized {
		reply.Header = http.Header{"Www-Authenticate": {`Basic realm="Bentornato", charset="UTF-8"`}}
	}
	return reply
}

func daneaSentence(err error) string {
	var e *models.Error
	if !errors.As(err, &e) {
		return "Bentornato non ha potuto ricevere il catalogo. Riprova tra qualche minuto."
	}
	switch e.Kind {
	case models.KindUnauthorized:
		return "Il nome utente o la password non sono giusti. Copiali di nuovo dalla pagina della fonte in Bentornato."
	case models.KindTooLarge:
		return fmt.Sprintf("Il catalogo supera %d MB. Attiva «Invia solo voci modificate» e riprova.", MaxBody>>20)
	case models.KindInvalid:
	default:
		return "Bentornato non ha potuto ricevere il catalogo. Riprova tra qualche minuto."
	}
	fault, sku, _ := strings.Cut(e.Field, " ")
	switch fault {
	case faultFile:
		return "La richiesta non contiene il file XML degli articoli. Controlla l'indirizzo in Easyfatt e riprova."
	case faultXML:
		return "Il file degli articoli non è un XML leggibile. Nessun articolo è stato aggiornato: invialo di nuovo."
	case faultRoot:
		return "Il file non è un catalogo articoli di Easyfatt (EasyfattProducts). Nessun articolo è stato aggiornato."
	case faultMany:
		return fmt.Sprintf("Il catalogo contiene più di %d articoli. Attiva «Invia solo voci modificate» e riprova.", MaxItems)
	case faultQuantity:
		return fmt.Sprintf("La disponibilità dell'articolo %q non è un numero. Nessun articolo è stato aggiornato: correggila e invia di nuovo.", sku)
	}
	return "Il catalogo non è stato accettato e nessun articolo è stato aggiornato. Il motivo è nella pagina della fonte in Bentornato."
}

// Reply is the word that Easyfatt waits for.
func (danea) Reply(models.StockResult) Reply {
	return Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("OK")}
}
