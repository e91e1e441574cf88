using System.Text.Json;

namespace CloudPbx.Api.Bodies;

/// <summary>Reads a JSON object member by member and notes every error with its place. A member that nobody asked for is an error too: it is most likely misspelt.</summary>
internal sealed class ObjectReader
{
    private readonly JsonElement _object;
    private readonly RequestErrors _errors;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private ObjectReader(JsonElement element, string path, RequestErrors errors) => (_object, Path, _errors) = (element, path, errors);

    /// <summary>Where the object stands.</summary>
    public string Path { get; }

    public static ObjectReader Of(JsonElement element, string path, RequestErrors errors)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return new ObjectReader(element, path, errors);
        errors.Add(path, "Must be a JSON object.");
        return Nothing(errors);
    }

    /// <summary>A reader of an object that is not there: its error is noted already, its members say nothing.</summary>
    public static ObjectReader Nothing(RequestErrors errors) => new(default, "$", errors);

    public string PathOf(string member) => $"{Path}.{member}";

    /// <summary>Reads a text that must be there; empty where it is not.</summary>
    /// <param name="member">The member.</param>
    /// <param name="rule">Gives what is wrong with a text, or null.</param>
    public string Required(string member, Func<string, string?> rule)
    {
        if (Find(member) is null)
        {
            if (_object.ValueKind == JsonValueKind.Object)
                _errors.Add(PathOf(member), "Is missing: it must be there.");
            return "";
        }
        return Optional(member, rule) ?? "";
    }

    /// <summary>Reads a text that may be absent or null.</summary>
    public string? Optional(string member, Func<string, string?> rule)
    {
        if (Find(member) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String)
        {
            _errors.Add(PathOf(member), "Must be a text in double quotes.");
            return null;
        }
        string text = value.GetString()!;
        if ((rule(text) ?? NoNul(text)) is { } wrong)
            _errors.Add(PathOf(member), wrong);
        return text.Replace("\0", "", StringComparison.Ordinal);        // what is wrong is noted; some look it up all the same, to note more
    }

    public int? OptionalInteger(string member, int least, int most) => (int?)OptionalLong(member, least, most);

    public long? OptionalLong(string member, long least, long most)
    {
        if (Find(member) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= least && number <= most)
            return number;
        _errors.Add(PathOf(member), $"Must be a whole number from {least} to {most}.");
        return null;
    }

    public bool? OptionalBoolean(string member)
    {
        if (Find(member) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        _errors.Add(PathOf(member), "Must be true or false.");
        return null;
    }

    public T? OptionalEnum<T>(string member)
        where T : struct, Enum
    {
        if (Find(member) is not { } value)
            return null;
        foreach (T choice in Enum.GetValues<T>())
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(NameOf(choice)))
                return choice;
        }
        _errors.Add(PathOf(member), $"Must be one of {string.Join(", ", Enum.GetValues<T>().Select(c => $"\"{NameOf(c)}\""))}.");
        return null;
    }

    /// <summary>Reads an object; null where it is absent.</summary>
    public ObjectReader? Object(string member) => Find(member) is { } value ? Of(value, PathOf(member), _errors) : null;

    /// <summary>Whether a member is there and not null.</summary>
    public bool Has(string member) => Find(member) is not null;

    /// <summary>Notes an error of a member.</summary>
    public void Fault(string member, string message) => _errors.Add(PathOf(member), message);

    /// <summary>Reads a list of texts; null where it is absent.</summary>
    public IReadOnlyList<string>? Texts(string member, Func<string, string?> rule, int most)
    {
        if (!Has(member))
            return null;
        List<string> texts = [];
        foreach ((JsonElement element, string path) in List(member))
        {
            string? text = element.ValueKind == JsonValueKind.String ? element.GetString() : null;
            string? wrong = text is null ? "Must be a text in double quotes." : texts.Contains(text) ? $"\"{text}\" is in the list already." : rule(text) ?? NoNul(text);
            if (wrong is not null)
                _errors.Add(path, wrong);
            else
                texts.Add(text!);
        }
        if (texts.Count > most)
            Fault(member, $"Must not have more than {most} entries.");
        return texts;
    }

    /// <summary>Reads a list of objects; absent counts as empty.</summary>
    public IReadOnlyList<T> Objects<T>(string member, Func<ObjectReader, T> read, int most)
    {
        List<T> objects = [];
        foreach ((JsonElement element, string path) in List(member))
        {
            ObjectReader reader = Of(element, path, _errors);
            objects.Add(read(reader));
            reader.Finish();
        }
        if (objects.Count > most)
            Fault(member, $"Must not have more than {most} entries.");
        return objects;
    }

    /// <summary>Reads a list; absent counts as empty.</summary>
    public IEnumerable<(JsonElement Element, string Path)> List(string member)
    {
        if (Find(member) is not { } value)
            yield break;
        if (value.ValueKind != JsonValueKind.Array)
        {
            _errors.Add(PathOf(member), "Must be a list in square brackets.");
            yield break;
        }
        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
            yield return (element, $"{PathOf(member)}[{index++}]");
    }

    /// <summary>Notes an error for each member that nobody asked for.</summary>
    public void Finish()
    {
        if (_object.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in _object.EnumerateObject())
        {
            if (!_asked.Contains(property.Name))
                _errors.Add(PathOf(property.Name), $"Is not known here. Known are: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}.");
        }
    }

    /// <summary>Whatever a text is for: PostgreSQL answers NUL with a fault.</summary>
    private static string? NoNul(string text) => text.Contains('\0', StringComparison.Ordinal) ? "Must not contain control characters." : null;

    private static string NameOf<T>(T choice)
        where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(choice.ToString());

    // JSON null means absent: an export of another tool may write it.
    private JsonElement? Find(string member)
    {
        _asked.Add(member);
        return _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(member, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
