package profile

import (
	"cmp"
	"slices"
	"strings"
)

// A Service is what the organisation says about one part of the repository.
type Service struct {
	Name     string   `json:"name"`
	Tier     Tier     `json:"tier,omitempty"`
	Exposure Exposure `json:"exposure,omitempty"`
	Data     []Data   `json:"data,omitempty"`
	Owner    string   `json:"owner,omitempty"`
	Paths    []string `json:"paths,omitempty"`  // patterns relative to the root of the target
	Source   string   `json:"source,omitempty"` // the file that described it
}

// Unassigned is the name of the service that holds every path which no other service claims. Everything about it is
// unknown.
const Unassigned = "unassigned"

// A Tier is how much the business would miss a service. The zero value means that nobody said.
type Tier string

// The tiers.
const (
	TierUnknown  Tier = ""
	TierLow      Tier = "low"
	TierMedium   Tier = "medium"
	TierHigh     Tier = "high"
	TierCritical Tier = "critical"
)

// Tiers lists the tiers that a file may name, lowest first.
var Tiers = []Tier{TierLow, TierMedium, TierHigh, TierCritical}

// An Exposure is who can reach a service. The zero value means that nobody said.
type Exposure string

// The exposures.
const (
	ExposureUnknown Exposure = ""
	Isolated        Exposure = "isolated" // reached by nothing outside its own machine or network segment
	Internal        Exposure = "internal" // reached from inside the organisation
	Internet        Exposure = "internet" // reached by anybody
)

// Exposures lists the exposures that a file may name, least exposed first.
var Exposures = []Exposure{Isolated, Internal, Internet}

// A Data is a class of data that a service handles.
type Data string

// The classes of data.
const (
	PublicData      Data = "public"
	InternalData    Data = "internal"
	PersonalData    Data = "personal"
	FinancialData   Data = "financial"
	HealthData      Data = "health"
	CardholderData  Data = "cardholder"
	CredentialsData Data = "credentials"
)

// DataClasses lists the classes that a file may name, least sensitive first.
var DataClasses = []Data{
	PublicData, InternalData, PersonalData, FinancialData, HealthData, CardholderData, CredentialsData,
}

// Words gives the words of a list such as Tiers.
func Words[T ~string](list []T) []string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return words
}

// A Catalog says for each path whose it is.
type Catalog struct {
	services []Service // each name once
	claims   []claim
	rest     Service
	owners   *Owners

	folder, ownersFolder string // from which services and owners see a path, with a slash at the end
}

type claim struct {
	pattern  pattern
	folder   string // that the describing file lies in, with a slash at its end; it speaks about nothing outside
	literal  int    // characters before the first wildcard: the more, the more exact
	service  int
	position int
}

// NewCatalog makes a catalog of services. A service without paths holds everything that no other one claims; with
// several of those the first does. owners may be nil.
func NewCatalog(services []Service, owners *Owners) *Catalog {
	c := &Catalog{owners: owners, rest: Service{Name: Unassigned}}
	rest := -1
	named := map[string]int{}
	for _, s := range services {
		i, again := named[s.Name]
		if again {
			c.services[i] = joined(c.services[i], s)
		} else {
			i = len(c.services)
			named[s.Name] = i
			c.services = append(c.services, s)
		}
		if len(s.Paths) == 0 && rest < 0 {
			rest = i
		}
		folder := s.Source[:strings.LastIndexByte(s.Source, '/')+1]
		for _, p := range s.Paths {
			c.claims = append(c.claims, claim{compilePath(p), folder, literalLength(p), i, len(c.claims)})
		}
	}
	if rest >= 0 {
		c.rest = c.services[rest]
	}
	// The nearest file and then the most exact claim first, so that the first match is the answer. Order settles the rest.
	slices.SortFunc(c.claims, func(a, b claim) int {
		return cmp.Or(len(b.folder)-len(a.folder), b.literal-a.literal, a.position-b.position)
	})
	return c
}

// joined makes one service of two that have the same name. Nobody could tell them apart in a report, so the worse of what
// is said of either holds for both, and what one of them leaves unknown is unknown.
func joined(a, b Service) Service {
	if a.Tier == TierUnknown || b.Tier != TierUnknown && !worse(Tiers, b.Tier, a.Tier) {
		b.Tier = a.Tier
	}
	if a.Exposure == ExposureUnknown || b.Exposure != ExposureUnknown && !worse(Exposures, b.Exposure, a.Exposure) {
		b.Exposure = a.Exposure
	}
	if len(a.Data) == 0 || len(b.Data) == 0 {
		b.Data = nil
	} else {
		b.Data = slices.Concat(a.Data, b.Data)
	}
	if a.Owner != b.Owner {
		b.Owner = strings.TrimSpace(a.Owner + " " + b.Owner)
	}
	b.Paths = slices.Concat(a.Paths, b.Paths)
	return b
}

// Service gives the one service that a path belongs to. Of several claims the one whose file is nearest to the path
// holds; of those in one file, the one with the longest text before its first wildcard, so that "web/api" wins over
// "web".
func (c *Catalog) Service(path string) Service {
	path = c.folder + outermost(path)
	names := strings.Split(path, "/")
	for i := range c.claims {
		if strings.HasPrefix(path, c.claims[i].folder) && c.claims[i].pattern.match(names) {
			return c.services[c.claims[i].service]
		}
	}
	return c.rest
}

// Within fills in, for a folder whose own files say nothing of services or of owners, what those of the whole say.
func (c *Catalog) Within(whole *Catalog, folder string) *Catalog {
	out := *c
	if len(c.services) == 0 {
		out.services, out.claims, out.rest, out.folder = whole.services, whole.claims, whole.rest, folder+"/"
	}
	if c.owners == nil {
		out.owners, out.ownersFolder = whole.owners, folder+"/"
	}
	return &out
}

// Services lists every service that a path can belong to, sorted by name; the one for the rest is among them.
func (c *Catalog) Services() []Service {
	list := slices.Clone(c.services)
	if !slices.ContainsFunc(list, func(s Service) bool { return s.Name == c.rest.Name }) {
		list = append(list, c.rest)
	}
	slices.SortFunc(list, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Owner gives the owners of a path, joined by a space: those that CODEOWNERS names, else the owner of its service. A
// line of CODEOWNERS that names nobody on purpose leaves the service's owner in charge.
func (c *Catalog) Owner(path string) string {
	if owners := c.owners.Of(c.ownersFolder + outermost(path)); len(owners) > 0 {
		return strings.Join(owners, " ")
	}
	return c.Service(path).Owner
}

// outermost gives the file that a member of an archive lies in: ownership is a matter of files in the tree.
func outermost(path string) string {
	file, _, _ := strings.Cut(path, "!/")
	return file
}
