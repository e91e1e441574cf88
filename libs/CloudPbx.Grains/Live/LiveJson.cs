using System.Text.Json.Serialization;

namespace CloudPbx.Grains.Live;

/// <summary>The live channel's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LiveChange))]
internal sealed partial class LiveJson : JsonSerializerContext;
