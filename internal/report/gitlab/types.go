package gitlab

// The types are the part of the report formats that we write, under their names.

type scan struct {
	Analyzer  analyzer      `json:"analyzer"`
	Scanner   analyzer      `json:"scanner"`
	Type      string        `json:"type"`
	StartTime string        `json:"start_time"`
	EndTime   string        `json:"end_time"`
	Status    string        `json:"status"`
	Messages  []scanMessage `json:"messages"`
}

type analyzer struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Vendor  vendor `json:"vendor"`
}

type vendor struct {
	Name string `json:"name"`
}

type scanMessage struct {
	Level string `json:"level"` // info, warn, fatal
	Value string `json:"value"`
}

type vulnerability struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"` // Markdown
	Severity    string            `json:"severity"`
	Solution    string            `json:"solution,omitempty"`
	Identifiers []identifier      `json:"identifiers"`
	Location    location          `json:"location"`
	Details     map[string]detail `json:"details"`
}

type identifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

type location struct {
	File      string  `json:"file,omitempty"`
	StartLine int     `json:"start_line,omitempty"`
	EndLine   int     `json:"end_line,omitempty"`
	Commit    *commit `json:"commit,omitempty"` // required for secrets
}

type commit struct {
	SHA     string `json:"sha"`
	Author  string `json:"author,omitempty"`
	Date    string `json:"date,omitempty"`
	Message string `json:"message,omitempty"`
}

type detail struct {
	Name  string `json:"name"`
	Type  string `json:"type"` // text or code
	Value string `json:"value"`
}

type remediation struct {
	Fixes   []fix  `json:"fixes"`
	Summary string `json:"summary"`
	Diff    string `json:"diff"` // base64 of a unified diff
}

type fix struct {
	ID string `json:"id"`
}
