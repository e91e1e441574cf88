using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Data.Conversions;

/// <summary>Written with each call, so by code of their own. To read them stays the serializer's: a generated reader gives what is absent no default.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(IReadOnlyList<LegMedia>))]
[JsonSerializable(typeof(IReadOnlyList<DecisionStep>))]
internal sealed partial class FactListJson : JsonSerializerContext
{
    /// <summary>How a list is written.</summary>
    public static JsonTypeInfo<IReadOnlyList<T>> WriterOf<T>() =>
        (JsonTypeInfo<IReadOnlyList<T>>)(Default.GetTypeInfo(typeof(IReadOnlyList<T>)) ?? JsonSerializerOptions.Web.GetTypeInfo(typeof(IReadOnlyList<T>)));
}

/// <summary>The same for records that leave out what is not set.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SipLadder))]
internal sealed partial class FactTextJson : JsonSerializerContext;
