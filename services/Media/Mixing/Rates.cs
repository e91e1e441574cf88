namespace CloudPbx.Media.Mixing;

/// <summary>The two rates of a conference: telephone quality, and wideband for G.722 and Opus.</summary>
internal static class Rates
{
    public const int Narrow = 8000, Wide = 16000;

    /// <summary>Samples of one frame.</summary>
    public const int NarrowFrame = Narrow * SpeechIn.TickMilliseconds / 1000, WideFrame = Wide * SpeechIn.TickMilliseconds / 1000;
}
