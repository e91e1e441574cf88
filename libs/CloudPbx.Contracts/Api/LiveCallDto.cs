using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A call that is ringing or talking now.</summary>
public sealed record LiveCallDto
{
    /// <summary>The call's identifier.</summary>
    public required CallId Id { get; init; }

    /// <summary>The caller's number.</summary>
    public required string CallerNumber { get; init; }

    /// <summary>The caller's display name; written by a stranger.</summary>
    public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    public required string CalledNumber { get; init; }

    /// <summary>Who answered, or <see langword="null"/> while it rings.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Between whom.</summary>
    public CallDirection Direction { get; init; }

    /// <summary>Name of the trunk that it goes over.</summary>
    public string? Trunk { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC.</summary>
    public DateTime? AnsweredAt { get; init; }
}
