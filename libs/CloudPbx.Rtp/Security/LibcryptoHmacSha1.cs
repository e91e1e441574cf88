namespace CloudPbx.Rtp.Security;

/// <summary>HMAC on libcrypto's SHA-1.</summary>
internal sealed class LibcryptoHmacSha1(ReadOnlySpan<byte> key) : HmacSha1
{
    private HmacSha1States _states = new(key);

    public static bool IsSupported => HmacSha1States.IsSupported;

    /// <summary>For a copy, which is to be wiped, too.</summary>
    public ref readonly HmacSha1States States => ref _states;

    public override void Compute(ReadOnlySpan<byte> packet, uint word, Span<byte> digest) => _states.Compute(packet, word, digest);

    public override void Dispose() => _states = default;
}
