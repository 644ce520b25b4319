//! CRC-32C (Castagnoli), as RFC 3720 defines it: finds every error burst of up to 32 bits.

/// The polynomial 0x1EDC6F41, bits reversed.
const POLYNOMIAL: u32 = 0x82F6_3B78;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut crc, mut bit) = (byte as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// The checksum of `bytes`.
///
/// ```
/// use carbon_core::decode::crc32c::checksum;
/// assert_eq!(checksum(b"123456789"), 0xE306_9283); // the check value of the catalogue of parametrised CRC algorithms
/// ```
pub fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let index = (crc as u8 ^ byte) as usize;
        TABLE.get(index).copied().unwrap_or(0) ^ (crc >> 8)
    })
}
