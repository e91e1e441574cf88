using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.EventLog;

/// <summary>One entry of a tenant's ordered event log, written in the transaction of what it tells.</summary>
public sealed class EventLogEntry : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its place in the tenant's order: what was committed later has a higher one.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its identifier for those who receive it more than once.</summary>
    public required Guid Id { get; init; }

    /// <summary>What happened: one of <see cref="Contracts.Events.EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>What it is about (a call, a device), or <see langword="null"/>.</summary>
    public string? Subject { get; init; }

    /// <summary>The details as a JSON object; never a secret.</summary>
    public required string Payload { get; init; }

    internal static EventLogEntry Of(TenantEvent happened, long sequence) => new()
    {
        TenantId = happened.TenantId, Sequence = sequence, Id = happened.Id, Type = happened.Type, At = happened.At, Subject = StoredText.Clean(happened.Subject, 64), Payload = happened.Data,
    };
}
