//! Files as they come over the wire: plain, gzip or Zstandard, told apart by how they begin.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::files::Bytes;
use super::text::HEAD;

/// What a file turned out to be.
pub(super) enum Container {
    /// A file, decompressed.
    File(Bytes),
    /// An archive of files.
    Zip,
}

/// Looks at how a file begins. What is compressed twice stays compressed once, and is then no text.
pub(super) fn open(mut bytes: Bytes) -> io::Result<Container> {
    let mut magic = Vec::new();
    bytes.by_ref().take(4).read_to_end(&mut magic)?;
    let whole = BufReader::with_capacity(HEAD, Cursor::new(magic.clone()).chain(bytes));
    let buffered =
        |reader: Box<dyn Read + Send>| Container::File(Box::new(BufReader::with_capacity(HEAD, reader)));
    Ok(match magic.as_slice() {
        [0x1F, 0x8B, ..] => buffered(Box::new(MultiGzDecoder::new(whole))),
        [0x28, 0xB5, 0x2F, 0xFD] => buffered(Box::new(Zstd::new(Box::new(whole))?)),
        b"PK\x03\x04" | b"PK\x05\x06" => Container::Zip,
        _ => Container::File(Box::new(whole)),
    })
}

/// Zstandard, all frames of it.
struct Zstd {
    frame: Option<StreamingDecoder<Bytes, ruzstd::decoding::FrameDecoder>>,
}

impl Zstd {
    fn new(bytes: Bytes) -> io::Result<Self> {
        let frame = StreamingDecoder::new(bytes).map_err(io::Error::other)?;
        Ok(Self { frame: Some(frame) })
    }
}

impl Read for Zstd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(mut frame) = self.frame.take() {
            let read = frame.read(out)?;
            if read > 0 || out.is_empty() {
                self.frame = Some(frame);
                return Ok(read);
            }
            let mut rest = frame.into_inner();
            if !rest.fill_buf()?.is_empty() {
                *self = Self::new(rest)?;
            }
        }
        Ok(0)
    }
}
