using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CloudPbx.State.Bindings;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.SharedTrunks;
using CloudPbx.State.Workers;
using StackExchange.Redis;

namespace CloudPbx.State;

/// <summary>How values are written in Redis: short JSON, absent where null. Readers ignore what they do not know, so that versions can run side by side.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Binding))]
[JsonSerializable(typeof(DirectoryContent))]
[JsonSerializable(typeof(EdgeAddress))]
[JsonSerializable(typeof(WorkerAddress))]
[JsonSerializable(typeof(MediaNodeAddress))]
[JsonSerializable(typeof(SharedTrunkReport))]
internal sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>Reads a value; what cannot be read counts as absent, since another version may have written it.</summary>
    public static T? Read<T>(RedisValue value, JsonTypeInfo<T> type)
        where T : class
    {
        if (value.IsNullOrEmpty)
            return null;
        try
        {
            return JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
