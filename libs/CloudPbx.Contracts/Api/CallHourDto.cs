namespace CloudPbx.Contracts.Api;

/// <summary>The calls that began in one hour.</summary>
public sealed record CallHourDto
{
    /// <summary>When it began, UTC.</summary>
    public required DateTime Start { get; init; }

    /// <summary>Calls that were answered.</summary>
    public required int Answered { get; init; }

    /// <summary>Calls that were not.</summary>
    public required int Missed { get; init; }
}
