using System.Text.Json.Serialization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A tenant's configuration as it is written in Redis: secrets and the tenant's key stay sealed.</summary>
internal sealed record TenantConfigurationContent
{
    public required TenantId TenantId { get; init; }

    public required long Version { get; init; }

    public required string Name { get; init; }

    public required string Language { get; init; }

    public required int RingSeconds { get; init; }

    public required byte[] WrappedKey { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    public required IReadOnlyList<ExtensionContent> Extensions { get; init; }

    public required IReadOnlyList<DeviceContent> Devices { get; init; }

    internal sealed record ExtensionContent(ExtensionId Id, string Number, string DisplayName, int? RingSeconds);

    internal sealed record DeviceContent(
        DeviceId Id, string Extension, string Name, string AuthUser, SrtpPolicy Encryption, bool DigestSha256, byte[] SealedSecret);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TenantConfigurationContent))]
internal sealed partial class TenantConfigurationJson : JsonSerializerContext;
