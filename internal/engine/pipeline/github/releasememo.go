package github

import "go.yaml.in/yaml/v3"

// A releaseMemo is the part of the memo for what jobs publish, deploy and scan.
type releaseMemo struct {
	publications map[*Job][]publication
	registries   map[*Job][]*Step
	proven       map[*yaml.Node]bool
	kept         map[*Job]int
	judging      map[*Job]map[string]bool
	outcomes     map[*yaml.Node]map[string]bool
	loopback     map[*Job]bool
}

func newReleaseMemo() releaseMemo {
	return releaseMemo{
		publications: map[*Job][]publication{}, registries: map[*Job][]*Step{}, proven: map[*yaml.Node]bool{}, kept: map[*Job]int{},
		judging: map[*Job]map[string]bool{}, outcomes: map[*yaml.Node]map[string]bool{}, loopback: map[*Job]bool{},
	}
}
