// Command bench measures Assay beside a peer, in one run on one machine: gitleaks, built from its released module, with
// the rules it ships. Both sides run in turn on the same trees; findings are compared, and every difference is listed.
//
// It owns docs/benchmarks.md and the commands in it. It promises that no secret and no path of the machine is printed
// there. It writes nothing into the trees.
//
//	go run ./bench -dir PATH -git PATH        measure and write docs/benchmarks.md
//	go run ./bench reader DIR                 walk and read the files of a folder, the floor of any scan of it
package main
