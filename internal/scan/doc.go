// Package scan owns one run over one target and the contract that engines keep. It reads each file once, searches the
// literals of all engines in one pass, hands the file to every engine that wants it, and collects, numbers and sorts what
// they say. It accounts for what could not be checked: an engine's panic, an unreadable file or a limit becomes an entry in
// the coverage record and never silence. Where the bytes come from is source's business; what they mean is the engines'.
package scan
