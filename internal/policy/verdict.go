package policy

// A Decision is what a gate says.
type Decision string

// The decisions, mildest first.
const (
	Allow Decision = "allow"
	Warn  Decision = "warn"
	Deny  Decision = "deny"
)

// A Verdict is the answer to "may this pass?", with everything that led to it.
type Verdict struct {
	Stage    string           `json:"stage"` // pull-request, build, deploy …
	Decision Decision         `json:"decision"`
	Services []ServiceVerdict `json:"services"`
	Reasons  []string         `json:"reasons"` // one sentence each, most important first

	// Incomplete lists the requirements that are not met; with any, the exit code is 3 unless the decision is deny.
	Incomplete []Unmet  `json:"incomplete,omitempty"`
	Rulings    []Ruling `json:"rulings,omitempty"` // for each finding that is not simply allowed, then those about the run
}

// An Unmet is a requirement that is not met: an engine that must be done and is not, a target that holds nothing, or a line
// that does not hold.
type Unmet struct {
	Engine string `json:"engine,omitempty"` // empty for a target and for a line
	Target string `json:"target,omitempty"` // ID of the target where the engine is not done; empty where it has no record at all
	Reason string `json:"reason"`           // in a sentence that names engine and target, or the line
	Hint   string `json:"hint,omitempty"`   // what would meet it
}

// A ServiceVerdict is the decision for one service of the repository; the run's is the strictest.
type ServiceVerdict struct {
	Service  string   `json:"service"`
	Decision Decision `json:"decision"`
	Denied   int      `json:"denied"`
	Warned   int      `json:"warned"`
	Allowed  int      `json:"allowed"`
}

// A Ruling is what was decided about one finding, by which line of which policy, from which inputs. The gate has one on a
// finding; each rule of a Rulebook may have one besides, on a finding or, without target and fingerprint, on the run.
type Ruling struct {
	Target      string            `json:"target"` // with the fingerprint it names the finding: two targets may share a fault
	Fingerprint string            `json:"fingerprint"`
	Decision    Decision          `json:"decision"`
	By          string            `json:"by"`                // "gate.pull-request.deny (.assay.yaml:7)" or "default policy, pull-request, deny"
	Expr        string            `json:"expr"`              // the expression that decided
	Inputs      map[string]string `json:"inputs"`            // the names it read and their values
	Message     string            `json:"message,omitempty"` // what a rule of a rulebook says
	Unknowns    []string          `json:"unknowns,omitempty"`
	Error       string            `json:"error,omitempty"` // the expression failed: that denies
}
