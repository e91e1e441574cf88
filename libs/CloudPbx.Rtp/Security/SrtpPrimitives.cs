namespace CloudPbx.Rtp.Security;

/// <summary>Which implementations of cipher and hash a context uses; chosen once by what the machine has.</summary>
/// <param name="AesInstructions">The processor's AES instructions, else the platform's AES.</param>
/// <param name="Libcrypto">libcrypto's SHA-1, else the platform's HMAC.</param>
internal sealed record SrtpPrimitives(bool AesInstructions, bool Libcrypto)
{
    public static SrtpPrimitives Portable { get; } = new(false, false);

    public static SrtpPrimitives Fastest { get; } = new(AesNiCounterMode.IsSupported, LibcryptoHmacSha1.IsSupported);

    public AesCounterMode CreateCipher(ReadOnlySpan<byte> key) => AesInstructions ? new AesNiCounterMode(key) : new PortableCounterMode(key);

    public HmacSha1 CreateHmac(ReadOnlySpan<byte> key) => Libcrypto ? new LibcryptoHmacSha1(key) : new PlatformHmacSha1(key);
}
