package views

import "strings"

// CodeExample is a program that reports stock to the generic webhook, to be copied.
type CodeExample struct {
	Name string
	Code string
}

// CodeExamples are programs that report stock to a source at an address. Each takes the secret from where its reader keeps
// secrets; none of them holds it.
func CodeExamples(address string) []CodeExample {
	list := []CodeExample{{"curl", curlExample}, {"PHP", phpExample}, {"Python", pythonExample}, {"Google Sheets (Apps Script)", sheetExample}}
	for i := range list {
		list[i].Code = strings.ReplaceAll(strings.TrimSpace(list[i].Code), "@URL@", address)
	}
	return list
}

const curlExample = `
# bash, openssl and curl. BENTORNATO_SECRET is the secret of the source: whsec_...
URL='@URL@'
BODY='{"type":"stock.updated","data":[{"sku":"MUG-BLUE","available":12}]}'
ID="msg_$(date +%s)_$RANDOM"
NOW=$(date +%s)
KEY=$(printf %s "${BENTORNATO_SECRET#whsec_}" | openssl base64 -d -A | od -An -tx1 | tr -d ' \n')
SIGNATURE=$(printf %s "$ID.$NOW.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)
curl --fail-with-body -sS "$URL" -H 'Content-Type: application/json' \
  -H "webhook-id: $ID" -H "webhook-timestamp: $NOW" -H "webhook-signature: v1,$SIGNATURE" -d "$BODY"
`

const phpExample = `
<?php // PHP 7 or newer. BENTORNATO_SECRET is the secret of the source: whsec_...
$url = '@URL@';
$body = json_encode(['type' => 'stock.updated', 'data' => [['sku' => 'MUG-BLUE', 'available' => 12]]]);
$id = 'msg_' . bin2hex(random_bytes(12));
$now = (string) time();
$key = base64_decode(substr(getenv('BENTORNATO_SECRET'), strlen('whsec_')));
$signature = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$now.$body", $key, true));
$answer = file_get_contents($url, false, stream_context_create(['http' => [
    'method' => 'POST', 'content' => $body, 'ignore_errors' => true,
    'header' => "Content-Type: application/json\r\nwebhook-id: $id\r\nwebhook-timestamp: $now\r\nwebhook-signature: $signature\r\n",
]]));
echo $answer, "\n";
`

const pythonExample = `
# Python 3.9 or newer. BENTORNATO_SECRET is the secret of the source: whsec_...
import base64, hashlib, hmac, json, os, time, urllib.request, uuid

url = '@URL@'
body = json.dumps({'type': 'stock.updated', 'data': [{'sku': 'MUG-BLUE', 'available': 12}]})
ident, now = 'msg_' + uuid.uuid4().hex, str(int(time.time()))
key = base64.b64decode(os.environ['BENTORNATO_SECRET'].removeprefix('whsec_'))
digest = hmac.new(key, f'{ident}.{now}.{body}'.encode(), hashlib.sha256).digest()
request = urllib.request.Request(url, body.encode(), {
    'Content-Type': 'application/json', 'webhook-id': ident, 'webhook-timestamp': now,
    'webhook-signature': 'v1,' + base64.b64encode(digest).decode()})
print(urllib.request.urlopen(request).read().decode())
`

const sheetExample = `
// Google Sheets: Extensions > Apps Script. The sheet "Stock" has SKUs in column A and quantities in column B, from row 2.
// Project Settings > Script Properties: BENTORNATO_SECRET is the secret of the source, whsec_...
// Triggers > Add Trigger: reportStock, From spreadsheet, On change.
function reportStock() {
  const url = '@URL@';
  const rows = SpreadsheetApp.getActive().getSheetByName('Stock').getDataRange().getValues().slice(1);
  const data = rows.filter(row => row[0] !== '' && row[1] !== '').map(row => ({sku: String(row[0]), available: Number(row[1])}));
  const body = JSON.stringify({type: 'stock.updated', data: data});
  const id = 'msg_' + Utilities.getUuid();
  const now = String(Math.floor(Date.now() / 1000));
  const secret = PropertiesService.getScriptProperties().getProperty('BENTORNATO_SECRET');
  const key = Utilities.base64Decode(secret.replace('whsec_', ''));
  const signed = Utilities.newBlob(id + '.' + now + '.' + body).getBytes();
  const signature = 'v1,' + Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, key));
  UrlFetchApp.fetch(url, {method: 'post', contentType: 'application/json', payload: body,
    headers: {'webhook-id': id, 'webhook-timestamp': now, 'webhook-signature': signature}});
}
`
