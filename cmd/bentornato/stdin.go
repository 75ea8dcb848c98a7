package main

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"bentornato/models"
)

// maxSecret is the longest secret that is read from standard input, in bytes. Access tokens have some two hundred.
const maxSecret = 4096

// readLine reads a secret from standard input: its first line, without the line's end. It waits for no more than that,
// so that the secret may be typed, too.
func readLine(stdin io.Reader) (string, error) {
	return nextLine(bufio.NewReader(io.LimitReader(stdin, maxSecret+1)))
}

// nextLine is readLine for a command that reads several secrets, a line each.
func nextLine(lines *bufio.Reader) (string, error) {
	line, err := lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", models.Errorf(models.KindInvalid, "Standard input could not be read: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case len(line) > maxSecret:
		return "", models.Errorf(models.KindTooLarge, "A line of standard input is longer than %d bytes.", maxSecret)
	case strings.TrimSpace(line) == "":
		return "", models.Errorf(models.KindInvalid, "Standard input is empty, or a line of it is that holds a secret.")
	}
	return line, nil
}
