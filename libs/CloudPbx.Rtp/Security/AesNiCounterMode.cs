namespace CloudPbx.Rtp.Security;

/// <summary>Counter mode on the AES instructions of x86.</summary>
internal sealed class AesNiCounterMode(ReadOnlySpan<byte> key) : AesCounterMode
{
    private AesRoundKeys _keys = new(key);

    public static bool IsSupported => AesRoundKeys.IsSupported;

    /// <summary>For a copy, which is to be wiped, too.</summary>
    public ref readonly AesRoundKeys Keys => ref _keys;

    public override void Apply(Span<byte> data, ReadOnlySpan<byte> counter) => _keys.Apply(data, counter);

    public override void Dispose() => _keys = default;
}
