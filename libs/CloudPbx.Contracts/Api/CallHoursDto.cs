namespace CloudPbx.Contracts.Api;

/// <summary>Calls by the hour in which they began.</summary>
public sealed record CallHoursDto
{
    /// <summary>The hours in their order, from the instant that was asked for on.</summary>
    public required IReadOnlyList<CallHourDto> Hours { get; init; }

    /// <summary>How the newest of them sounded.</summary>
    public required CallSoundDto Sound { get; init; }
}
