namespace CloudPbx.Rtp.Security;

/// <summary>Which implementations of cipher and hash a context uses; chosen once by what the machine has.</summary>
/// <param name="AesInstructions">The processor's AES instructions, else the platform's AES.</param>
/// <param name="Native">libcrypto's SHA-1 and GCM, else the platform's.</param>
internal sealed record SrtpPrimitives(bool AesInstructions, bool Native)
{
    public static SrtpPrimitives Portable { get; } = new(false, false);

    public static SrtpPrimitives Fastest { get; } = new(AesNiCounterMode.IsSupported, LibcryptoHmacSha1.IsSupported && LibcryptoGaloisMode.IsSupported);

    public AesCounterMode CreateCipher(ReadOnlySpan<byte> key) => AesInstructions ? new AesNiCounterMode(key) : new PortableCounterMode(key);

    public HmacSha1 CreateHmac(ReadOnlySpan<byte> key) => Native ? new LibcryptoHmacSha1(key) : new PlatformHmacSha1(key);

    public AesGaloisMode CreateAead(ReadOnlySpan<byte> key) => Native ? new LibcryptoGaloisMode(key) : new PlatformGaloisMode(key);
}
