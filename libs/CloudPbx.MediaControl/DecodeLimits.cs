namespace CloudPbx.MediaControl;

/// <summary>What a media node takes to decode (SECURITY.md S26).</summary>
public static class DecodeLimits
{
    /// <summary>Octets of a file at most: three minutes as they lie on a CD, or five of one channel at 48 kHz.</summary>
    public const int MostOctets = 32 << 20;

    /// <summary>Seconds that it plays at most.</summary>
    public const int MostSeconds = 300;

    /// <summary>The rate of what comes out.</summary>
    public const int SampleRate = 16000;
}
