namespace CloudPbx.Sdp;

/// <summary>What we write into <c>a=fmtp</c> beyond the parties' own words.</summary>
internal static class FormatParameters
{
    /// <summary>The digits and the flash (RFC 4733 §2.4.1, §3.2).</summary>
    public const string Events = "0-16";

    /// <summary>The parameters to write for a codec, given those that the other party or the offer has.</summary>
    public static string? ForUs(AudioCodec codec, string? parameters) =>
        codec.Equals(AudioCodec.G729) ? "annexb=no" : parameters;     // I56: the default is yes, and half the peers overlook it
}
