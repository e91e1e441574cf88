namespace CloudPbx.Contracts.Api;

/// <summary>A call to make for an extension: its phones ring first, then the destination is called as that extension.</summary>
public sealed record NewCall
{
    /// <summary>The extension that calls.</summary>
    public required string From { get; init; }

    /// <summary>Whom it calls, as it would dial.</summary>
    public required string To { get; init; }

    /// <summary>Asks the extension's phones to answer by themselves after so many seconds (0 to 60), where they know how (Alert-Info, Call-Info); absent: they ring.</summary>
    public int? AnswerAfter { get; init; }
}
