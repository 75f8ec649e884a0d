package capture

// Compressed makes a sketch of its content, and Decompressed the reverse: noise in what
// is compressed does not get far.
func Compressed(raw []byte) []byte {
	return zstdPair().enc.EncodeAll(raw, []byte{sketchVersion})
}

func Decompressed(sketch []byte) ([]byte, error) { return zstdPair().dec.DecodeAll(sketch[1:], nil) }
