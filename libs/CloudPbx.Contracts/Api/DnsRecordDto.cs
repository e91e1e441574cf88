using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Api;

/// <summary>A record to create at whoever serves a domain's DNS.</summary>
public sealed record DnsRecordDto
{
    /// <summary><c>TXT</c>, <c>NAPTR</c>, <c>SRV</c>, <c>A</c> or <c>AAAA</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The record's name, in full.</summary>
    public required string Name { get; init; }

    /// <summary>Its value as a zone file has it, without the dot at the end of names.</summary>
    public required string Value { get; init; }

    /// <summary>What it is for.</summary>
    public required DnsPurpose Purpose { get; init; }
}

/// <summary>What a record in DNS is for.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<DnsPurpose>))]
public enum DnsPurpose
{
    /// <summary>It shows whose the domain is.</summary>
    Proof,

    /// <summary>Phones find the server by it.</summary>
    Server,

    /// <summary>Phones that can choose find the best transport by it; others do without.</summary>
    Preference,
}
