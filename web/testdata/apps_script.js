// What the spreadsheet example uses of Google Apps Script, for node. Bytes are signed there, as in Java. The call that the
// example makes is printed.
const crypto = require('crypto');
const signed = buffer => Array.from(new Int8Array(buffer));
const plain = bytes => Buffer.from(Int8Array.from(bytes).buffer);
global.Utilities = {
  getUuid: () => crypto.randomUUID(),
  base64Decode: text => signed(Buffer.from(text, 'base64')),
  base64Encode: bytes => plain(bytes).toString('base64'),
  newBlob: text => ({getBytes: () => signed(Buffer.from(text, 'utf8'))}),
  computeHmacSha256Signature: (value, key) => signed(crypto.createHmac('sha256', plain(key)).update(plain(value)).digest()),
};
global.PropertiesService = {getScriptProperties: () => ({getProperty: name => process.env[name]})};
global.SpreadsheetApp = {getActive: () => ({getSheetByName: name => name === 'Stock' && ({getDataRange: () => ({
  getValues: () => [['SKU', 'Quantity'], ['MUG-BLUE', 12], ['', 3], ['CAFFÈ', '']],
})})})};
global.UrlFetchApp = {fetch: (url, options) => console.log(JSON.stringify({url, ...options}))};
const file = require('fs').readFileSync(process.argv[2], 'utf8');
new Function(file + '\nreportStock();')();
