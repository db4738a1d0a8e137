package git

import (
	"errors"
	"fmt"
	"strings"
)

// A Config is the settings of one git configuration file, in the order they stand there. Include directives are kept
// as plain settings and never followed.
type Config struct{ settings []setting }

type setting struct {
	section, subsection, key string // section and key in lower case
	value                    string
	bare                     bool // the key stands alone, without "="
}

// ParseConfig reads the format of git-config(1).
func ParseConfig(data []byte) (*Config, error) {
	p := configParser{text: strings.TrimPrefix(string(data), "\uFEFF"), line: 1}
	for p.pos < len(p.text) {
		line := p.line
		if err := p.parseItem(); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	return &Config{settings: p.settings}, nil
}

// Get returns the last value of a setting; a key that stands alone has the value "true".
func (c *Config) Get(section, subsection, key string) (string, bool) {
	if c == nil {
		return "", false
	}
	for i := len(c.settings) - 1; i >= 0; i-- {
		s := &c.settings[i]
		if s.section == section && s.subsection == subsection && strings.EqualFold(s.key, key) {
			if s.bare {
				return "true", true
			}
			return s.value, true
		}
	}
	return "", false
}

// Bool is Get for settings that are on or off. What is neither counts as off.
func (c *Config) Bool(section, subsection, key string) bool {
	v, _ := c.Get(section, subsection, key)
	switch strings.ToLower(v) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// Keys lists the keys of a section without a subsection, in lower case and in file order.
func (c *Config) Keys(section string) []string {
	var keys []string
	if c == nil {
		return nil
	}
	for i := range c.settings {
		if s := &c.settings[i]; s.section == section && s.subsection == "" {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// over returns the settings of c with those of top after them, so that top decides.
func (c *Config) over(top *Config) *Config {
	return &Config{settings: append(c.settings[:len(c.settings):len(c.settings)], top.settings...)}
}

type configParser struct {
	text                string
	pos, line           int
	section, subsection string
	settings            []setting
}

// next returns the next character with line ends made "\n", and 0 at the end. A NUL in the file ends it for git too.
func (p *configParser) next() byte {
	if p.pos >= len(p.text) {
		return 0
	}
	c := p.text[p.pos]
	p.pos++
	if c == '\r' && p.pos < len(p.text) && p.text[p.pos] == '\n' {
		p.pos++
		c = '\n'
	}
	if c == '\n' {
		p.line++
	}
	return c
}

func (p *configParser) parseItem() error {
	switch c := p.next(); {
	case isConfigSpace(c):
		return nil
	case c == '#' || c == ';':
		p.skipLine()
		return nil
	case c == '[':
		return p.parseSection()
	case isAlpha(c):
		return p.parseSetting()
	default:
		return fmt.Errorf("unexpected character %q", c)
	}
}

func (p *configParser) skipLine() {
	for p.pos < len(p.text) && p.next() != '\n' {
	}
}

var errOpenSection = errors.New("section header is not closed")

func (p *configParser) parseSection() error {
	start := p.pos
	for {
		c := p.next()
		switch {
		case isAlpha(c) || isDigit(c) || c == '-' || c == '.':
		case c == ']':
			// "[section.subsection]" is the old way to write a subsection, in which case does not matter.
			name := strings.ToLower(p.text[start : p.pos-1])
			p.section, p.subsection, _ = strings.Cut(name, ".")
			return nil
		case c == ' ' || c == '\t':
			p.section = strings.ToLower(p.text[start : p.pos-1])
			return p.parseSubsection()
		default:
			return errOpenSection
		}
	}
}

func (p *configParser) parseSubsection() error {
	c := p.next()
	for c == ' ' || c == '\t' {
		c = p.next()
	}
	if c != '"' {
		return errOpenSection
	}
	var name strings.Builder
	for {
		switch c = p.next(); c {
		case 0, '\n':
			return errOpenSection
		case '"':
			p.subsection = name.String()
			if p.next() != ']' {
				return errOpenSection
			}
			return nil
		case '\\':
			if c = p.next(); c == 0 || c == '\n' {
				return errOpenSection
			}
		}
		name.WriteByte(c)
	}
}

func (p *configParser) parseSetting() error {
	if p.section == "" {
		return errors.New("setting before the first section")
	}
	start, end := p.pos-1, p.pos
	c := p.next()
	for isAlpha(c) || isDigit(c) || c == '-' {
		end = p.pos
		c = p.next()
	}
	s := setting{section: p.section, subsection: p.subsection, key: strings.ToLower(p.text[start:end])}
	for c == ' ' || c == '\t' {
		c = p.next()
	}
	switch c {
	case '=':
		value, err := p.parseValue()
		if err != nil {
			return fmt.Errorf("%s.%s: %w", s.section, s.key, err)
		}
		s.value = value
	case '\n', 0:
		s.bare = true
	case '#', ';':
		s.bare = true
		p.skipLine()
	default:
		return fmt.Errorf("%s.%s: unexpected character %q after the key", s.section, s.key, c)
	}
	p.settings = append(p.settings, s)
	return nil
}

func (p *configParser) parseValue() (string, error) {
	var value []byte
	keep := 0 // the value's length without trailing white space
	quoted := false
	for {
		switch c := p.next(); {
		case c == '\n' || c == 0:
			if quoted {
				return "", errors.New("quote is not closed")
			}
			return string(value[:keep]), nil
		case quoted && c != '"' && c != '\\':
			value = append(value, c)
			keep = len(value)
		case c == ' ' || c == '\t':
			if len(value) > 0 {
				value = append(value, c)
			}
		case c == '#' || c == ';':
			p.skipLine()
			return string(value[:keep]), nil
		case c == '"':
			quoted = !quoted
			keep = max(keep, len(value))
		case c == '\\':
			escaped, ok := p.escape()
			if !ok {
				return "", errors.New("unknown escape")
			}
			value = append(value, escaped...)
			keep = len(value)
		default:
			value = append(value, c)
			keep = len(value)
		}
	}
}

// escape reads what follows a backslash; a line end there joins two lines.
func (p *configParser) escape() (string, bool) {
	switch c := p.next(); c {
	case '\n':
		return "", true
	case 't':
		return "\t", true
	case 'b':
		return "\b", true
	case 'n':
		return "\n", true
	case '\\', '"':
		return string(rune(c)), true
	}
	return "", false
}

func isConfigSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'
}
func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
