package messenger

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

type vectors struct {
	Secret  string
	Vectors []struct {
		Body      string `json:"body"`
		RawBody   string `json:"body_raw_escaped"`
		Signature string `json:"x_hub_signature_256"`
		Wrong     string `json:"wrong_if_decoded_and_reserialised"`
	}
	SignedRequest struct{ Secret, Value string } `json:"signed_request"`
	Proof         struct {
		Secret, Value string
		AccessToken   string `json:"access_token"`
	} `json:"appsecret_proof"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/signature-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerify(t *testing.T) {
	all := readVectors(t)
	if len(all.Vectors) != 3 {
		t.Fatalf("%d vectors, want 3", len(all.Vectors))
	}
	for _, v := range all.Vectors {
		body := []byte(v.Body + v.RawBody)
		if err := Verify(all.Secret, body, v.Signature); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if got := Sign(all.Secret, body); got != v.Signature {
			t.Errorf("Sign(%s) = %s, want %s", body, got, v.Signature)
		}
		for name, header := range map[string]string{
			"none":            "",
			"of another body": Sign(all.Secret, append(body, ' ')),
			"another secret":  Sign("other", body),
			"re-serialised":   v.Wrong,
			"no prefix":       strings.TrimPrefix(v.Signature, "sha256="),
			"prefix in caps":  strings.Replace(v.Signature, "sha256", "SHA256", 1),
			"sha1":            strings.Replace(v.Signature, "sha256", "sha1", 1),
			"short":           v.Signature[:len(v.Signature)-2],
			"long":            v.Signature + "00",
			"space":           v.Signature + " ",
			"no hexadecimal":  v.Signature[:len(v.Signature)-1] + "g",
			"one bit":         flipLast(v.Signature),
		} {
			if kind := models.KindOf(Verify(all.Secret, body, header)); kind != models.KindUnauthorized {
				t.Errorf("signature %s: kind %q, want unauthorized", name, kind)
			}
		}
	}
}

func TestVerifyWithoutSecretTrustsNobody(t *testing.T) {
	body := []byte("hello world")
	if err := Verify("", body, Sign("", body)); models.KindOf(err) != models.KindUnauthorized {
		t.Errorf("Verify = %v, want unauthorized", err)
	}
	if _, err := ParseSignedRequest("", signedRequest("", `{"algorithm":"HMAC-SHA256","user_id":"1"}`)); models.KindOf(err) != models.KindUnauthorized {
		t.Errorf("ParseSignedRequest = %v, want unauthorized", err)
	}
}

func TestProof(t *testing.T) {
	v := readVectors(t).Proof
	if got := Proof(v.Secret, v.AccessToken); got != v.Value {
		t.Errorf("Proof = %s, want %s", got, v.Value)
	}
}

func TestParseSignedRequest(t *testing.T) {
	v := readVectors(t).SignedRequest
	got, err := ParseSignedRequest(v.Secret, v.Value)
	if err != nil {
		t.Fatal(err)
	}
	if want := (SignedRequest{UserID: "218471", IssuedAt: time.Unix(1291836800, 0).UTC()}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	signature, payload, _ := strings.Cut(v.Value, ".")
	for _, c := range []struct {
		name, value string
		want        models.Kind
	}{
		{"empty", "", models.KindInvalid},
		{"no dot", signature + payload, models.KindInvalid},
		{"signature no base64", "!!." + payload, models.KindInvalid},
		{"signature missing", "." + payload, models.KindUnauthorized},
		{"another payload", signature + "." + encode64(`{"algorithm":"HMAC-SHA256","user_id":"1"}`), models.KindUnauthorized},
		{"another secret", signedRequest("other", `{"algorithm":"HMAC-SHA256","user_id":"1"}`), models.KindUnauthorized},
		{"another algorithm", signedRequest("sesame", `{"algorithm":"none","user_id":"1"}`), models.KindInvalid},
		{"no algorithm", signedRequest("sesame", `{"user_id":"1"}`), models.KindInvalid},
		{"no user", signedRequest("sesame", `{"algorithm":"HMAC-SHA256"}`), models.KindInvalid},
		{"no JSON", signedRequest("sesame", `hello`), models.KindInvalid},
	} {
		if _, err := ParseSignedRequest("sesame", c.value); models.KindOf(err) != c.want {
			t.Errorf("%s: %v, want kind %s", c.name, err, c.want)
		}
	}
	numeric, err := ParseSignedRequest("sesame", signedRequest("sesame", `{"algorithm":"hmac-sha256","user_id":12345678901234567,"issued_at":"1291836800"}`))
	if err != nil || numeric.UserID != "12345678901234567" {
		t.Errorf("a numeric user id: %+v, %v", numeric, err)
	}
}

func signedRequest(secret, payload string) string {
	encoded := encode64(payload)
	return encode64(string(mac(secret, []byte(encoded)))) + "." + encoded
}

func encode64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// flipLast changes the last bit of a hexadecimal signature.
func flipLast(s string) string {
	const digits = "0123456789abcdef"
	last := strings.IndexByte(digits, s[len(s)-1])
	return s[:len(s)-1] + string(digits[last^1])
}
