namespace CloudPbx.Api.Bodies;

/// <summary>Everything that is wrong with a request: JSON path → what to do. All at once, so that nobody fixes one error per try.</summary>
internal sealed class RequestErrors
{
    /// <summary>More than these are not worth reading.</summary>
    private const int Most = 200;

    private readonly SortedDictionary<string, List<string>> _errors = new(StringComparer.Ordinal);
    private int _count;

    public bool Any => _count > 0;

    public int Count => _count;

    public void Add(string path, string message)
    {
        if (_count++ >= Most)
            return;
        if (!_errors.TryGetValue(path, out List<string>? messages))
            _errors[path] = messages = [];
        messages.Add(message);
    }

    public IReadOnlyDictionary<string, string[]> ToDictionary() => _errors.ToDictionary(e => e.Key, e => e.Value.ToArray());
}
