package git

import "bytes"

var lfsVersions = [][]byte{
	[]byte("version https://git-lfs.github.com/spec/"),
	[]byte("version https://hawser.github.com/spec/"), // its name before the first release
}

// IsLFSPointer tells whether a blob is not the content of a file but the pointer that Git LFS keeps in its place.
func IsLFSPointer(data []byte) bool {
	const largest = 1024 // by the specification
	if len(data) > largest || !bytes.Contains(data, []byte("\noid sha256:")) {
		return false
	}
	for _, v := range lfsVersions {
		if bytes.HasPrefix(data, v) {
			return true
		}
	}
	return false
}
