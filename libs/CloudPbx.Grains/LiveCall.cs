using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>A call as it stands now.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.LiveCall")]
public sealed record LiveCall
{
    /// <summary>Which call.</summary>
    [Id(0)] public required CallId CallId { get; init; }

    /// <summary>The caller's number.</summary>
    [Id(1)] public required string CallerNumber { get; init; }

    /// <summary>The caller's display name, not to be trusted.</summary>
    [Id(2)] public string? CallerName { get; init; }

    /// <summary>What was dialled.</summary>
    [Id(3)] public required string CalledNumber { get; init; }

    /// <summary>The extension that answered, or <see langword="null"/> while it rings.</summary>
    [Id(4)] public string? AnsweredBy { get; init; }

    /// <summary>When the caller's INVITE came, UTC.</summary>
    [Id(5)] public required DateTime StartedAt { get; init; }

    /// <summary>When it was answered, UTC, or <see langword="null"/>.</summary>
    [Id(6)] public DateTime? AnsweredAt { get; init; }

    /// <summary>Between whom.</summary>
    [Id(7)] public CallDirection Direction { get; init; }

    /// <summary>Name of the trunk that it goes over, or <see langword="null"/>.</summary>
    [Id(8)] public string? Trunk { get; init; }
}
