package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assaysec/assay/internal/finding"
)

// An Answer is what is known of a credential after asking.
type Answer struct {
	Verification finding.Verification
	Note         string // why it is unknown, in words that name no credential
}

// Options say how to ask. Transport is required; the zero value of the rest is the documented default.
type Options struct {
	// Transport is the only way to the network. A test that forbids it gives one that fails.
	Transport http.RoundTripper

	// Instances are the addresses to ask in place of a provider's own, by its name. Whoever names them names all of
	// them: if none knows a credential, it is dead.
	Instances map[string][]string

	// NPMRegistry is where npm's tokens are asked about, from the user's own configuration; empty means not at all.
	NPMRegistry string

	Timeout   time.Duration // for one question; 0 means 10 seconds
	PerSecond int           // questions to one host; 0 means 5
	AtOnce    int           // questions to one host at a time; 0 means 2
	MaxAsked  int           // distinct credentials a run; 0 means 500. A target full of bait must not become a flood

	CacheFolder string        // where answers are kept; empty means nowhere
	CacheFor    time.Duration // how long a clear answer holds; 0 means an hour

	Now func() time.Time // nil means the clock
}

// A Client asks. It is safe for concurrent use.
type Client struct {
	options Options
	bases   map[string][]*url.URL

	mu    sync.Mutex
	gates map[string]*gate // by host
	known map[parts]Answer // given in this run
}

// New makes a client. Nothing is asked or read yet.
func New(o Options) (*Client, error) {
	if o.Transport == nil {
		return nil, errors.New("verify: no transport")
	}
	o.Timeout = defaulted(o.Timeout, 10*time.Second)
	o.PerSecond = defaulted(o.PerSecond, 5)
	o.AtOnce = defaulted(o.AtOnce, 2)
	o.MaxAsked = defaulted(o.MaxAsked, 500)
	o.CacheFor = defaulted(o.CacheFor, time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{options: o, bases: map[string][]*url.URL{}, gates: map[string]*gate{}, known: map[parts]Answer{}}
	for name := range o.Instances {
		if Find(name) == nil {
			return nil, fmt.Errorf("verifier %q is not known: there is %s", name, strings.Join(names(), ", "))
		}
	}
	for _, p := range All {
		for _, text := range c.addresses(p) {
			u, err := parseBase(text)
			if err != nil {
				return nil, fmt.Errorf("verifier %s: %w", p.Name, err)
			}
			c.bases[p.Name] = append(c.bases[p.Name], u)
		}
	}
	return c, nil
}

// defaulted is v, or the default where v is not positive.
func defaulted[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

func (c *Client) addresses(p *Provider) []string {
	switch named := c.options.Instances[p.Name]; {
	case len(named) > 0:
		return named
	case p == npm:
		// It was written for another purpose: what does not do for this one is no error.
		if _, err := parseBase(c.options.NPMRegistry); err == nil {
			return []string{c.options.NPMRegistry}
		}
	}
	return p.bases
}

// Check says for each credential what its provider says of it, in the order of list. notes tell a person what went wrong
// beside the answers. No failure is an error: what could not be asked is unknown.
func (c *Client) Check(ctx context.Context, list []Credential) (answers []Answer, notes []string) {
	answers = make([]Answer, len(list))
	queues, places := c.sort(list, answers)
	kept, err := openCache(c.options)
	if err != nil {
		notes = append(notes, err.Error())
	}
	var all sync.WaitGroup
	for name, queue := range queues {
		next := make(chan int)
		all.Go(func() {
			defer close(next)
			for i := range queue {
				next <- i
			}
		})
		for range min(c.options.AtOnce, len(queue)) {
			all.Go(func() {
				for i := range next {
					answer := c.answer(ctx, Find(name), queue[i], kept)
					for _, at := range places[queue[i]] {
						answers[at] = tempered(list[at], answer) // each place belongs to one credential
					}
				}
			})
		}
	}
	all.Wait()
	if err := kept.save(); err != nil {
		notes = append(notes, err.Error())
	}
	return answers, notes
}

// sort makes a queue for each provider of the distinct credentials it is to be asked about, and lists the places of each.
// What nobody is asked about is answered at once.
func (c *Client) sort(list []Credential, answers []Answer) (queues map[string][]parts, places map[parts][]int) {
	queues, places = map[string][]parts{}, map[parts][]int{}
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := 0 // not known from an earlier call
	for i, credential := range list {
		p := Find(credential.Verifier)
		if p == nil {
			answers[i] = unknown("no verifier of this name is known")
			continue
		}
		open := credential.parts()
		if why := p.refuses(open); why != "" {
			answers[i] = unknown(why)
			continue
		}
		if len(c.bases[p.Name]) == 0 {
			answers[i] = unknown("there is no address to ask: your npm configuration names no registry with https")
			continue
		}
		if _, ok := places[open]; !ok {
			if _, ok := c.known[open]; !ok {
				if len(c.known)+fresh >= c.options.MaxAsked {
					answers[i] = unknown(fmt.Sprintf("at most %d credentials are asked about in a run", c.options.MaxAsked))
					continue
				}
				fresh++
			}
			queues[p.Name] = append(queues[p.Name], open)
		}
		places[open] = append(places[open], i)
	}
	return queues, places
}

// tempered takes back a no that may be about how the parts were put together.
func tempered(c Credential, a Answer) Answer {
	if c.Unsure && a.Verification == finding.Dead {
		return unknown("its parts were refused, and others stand near that may belong to it")
	}
	return a
}

func unknown(note string) Answer { return Answer{finding.Unknown, note} }

// answer is what is known from this run, or what the cache or the provider says.
func (c *Client) answer(ctx context.Context, p *Provider, credential parts, kept *cache) Answer {
	c.mu.Lock()
	known, ok := c.known[credential]
	c.mu.Unlock()
	if ok {
		return known
	}
	a := c.lookUp(ctx, p, credential, kept)
	c.mu.Lock()
	c.known[credential] = a
	c.mu.Unlock()
	return a
}

func (c *Client) lookUp(ctx context.Context, p *Provider, credential parts, kept *cache) Answer {
	key := kept.key(credential, c.bases[p.Name])
	if v, ok := kept.get(key); ok {
		return Answer{Verification: v}
	}
	a := c.ask(ctx, p, credential)
	kept.put(key, a.Verification)
	return a
}

// ask goes through a provider's addresses for as long as the answer is no.
func (c *Client) ask(ctx context.Context, p *Provider, credential parts) Answer {
	var hosts []string
	for _, base := range c.bases[p.Name] {
		a := c.askAt(ctx, p, base, credential)
		if a.Verification != finding.Dead {
			if a.Note != "" {
				a.Note = base.Host + " " + a.Note
			}
			return a
		}
		hosts = append(hosts, base.Host)
	}
	if p.doubt != nil {
		if why := p.doubt(credential); why != "" {
			return unknown(strings.Join(hosts, ", ") + " " + why)
		}
	}
	if p.instances && len(c.options.Instances[p.Name]) == 0 {
		return unknown(strings.Join(hosts, ", ") + " does not know it; another instance may, and none was named")
	}
	return Answer{Verification: finding.Dead}
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

func (c *Client) askAt(ctx context.Context, p *Provider, base *url.URL, credential parts) Answer {
	g := c.gate(base.Host)
	if why := g.enter(ctx); why != "" {
		return unknown(why)
	}
	status, body, why := c.send(ctx, p, base, credential)
	g.leave(why, status == http.StatusTooManyRequests)
	switch {
	case why != "":
		return unknown(why)
	case len(body) > maxAnswer:
		return unknown("gave an answer that is too long")
	}
	v := read(p.readings, status, body)
	if v == finding.Unknown {
		return unknown(remark(status))
	}
	return Answer{Verification: v}
}

// send puts one question. The transport is used without a client around it: it follows no redirect, keeps no cookie, and
// adds no header.
func (c *Client) send(ctx context.Context, p *Provider, base *url.URL, credential parts) (status int, body []byte, why string) {
	limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	req, err := p.request(limited, base, credential, c.options.Now())
	if err != nil {
		return 0, nil, err.Error()
	}
	resp, err := c.options.Transport.RoundTrip(req)
	if err != nil {
		return 0, nil, describe(ctx, err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, describe(ctx, err)
	}
	return resp.StatusCode, body, ""
}

func (c *Client) gate(host string) *gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.gates[host]
	if !ok {
		g = newGate(c.options.AtOnce, c.options.PerSecond)
		c.gates[host] = g
	}
	return g
}

// Summary says once for each provider and reason how many credentials are unknown for it, sorted.
func Summary(list []Credential, answers []Answer) []string {
	type group struct{ verifier, note string }
	counts := map[group]int{}
	for i, a := range answers {
		if a.Note != "" {
			counts[group{list[i].Verifier, a.Note}]++
		}
	}
	var lines []string
	for g, n := range counts {
		lines = append(lines, fmt.Sprintf("%s: %d unknown: %s", g.verifier, n, g.note))
	}
	slices.Sort(lines)
	return lines
}
