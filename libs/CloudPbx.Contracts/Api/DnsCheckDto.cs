using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>What DNS has of one record.</summary>
public sealed record DnsCheckDto
{
    /// <summary>The record as it should be.</summary>
    public required DnsRecordDto Record { get; init; }

    /// <summary>How it stands.</summary>
    public required DnsRecordState State { get; init; }

    /// <summary>What there is of this name and type.</summary>
    public required IReadOnlyList<string> Found { get; init; }

    /// <summary>What to do, in a sentence.</summary>
    public required string Advice { get; init; }
}

/// <summary>How a record stands.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DnsRecordState>))]
public enum DnsRecordState
{
    /// <summary>It is there.</summary>
    Right,

    /// <summary>There is no record of this name and type.</summary>
    Missing,

    /// <summary>There are records of this name and type, but not this one.</summary>
    Different,

    /// <summary>The name servers did not answer: nobody can tell.</summary>
    Unanswered,
}
