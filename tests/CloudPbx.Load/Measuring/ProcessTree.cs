using System.Globalization;

namespace CloudPbx.Load.Measuring;

/// <summary>What <c>/proc</c> tells about processes.</summary>
internal static class ProcessTree
{
    /// <summary>A process and all its descendants, as they are now.</summary>
    public static IReadOnlyList<int> Of(int root)
    {
        Dictionary<int, List<int>> children = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out int id) && ReadOrNull($"{directory}/stat") is { } stat && ParentIn(stat) is { } parent)
            {
                if (!children.TryGetValue(parent, out List<int>? list))
                    children[parent] = list = [];
                list.Add(id);
            }
        }
        List<int> found = [root];
        for (int i = 0; i < found.Count; i++)
        {
            if (children.TryGetValue(found[i], out List<int>? more))
                found.AddRange(more);
        }
        return found;
    }

    /// <summary>Resident memory of processes in KiB.</summary>
    public static long ResidentKibibytes(IEnumerable<int> processes) => processes.Sum(id => ReadOrNull($"/proc/{id}/status") is { } status ? ResidentIn(status) : 0);

    /// <summary>What processes occupy together, in KiB: a page of a file that several of them map is in memory once.</summary>
    public static long OccupiedKibibytes(IEnumerable<int> processes) => OccupiedIn(processes.Select(id => ReadOrNull($"/proc/{id}/smaps") ?? ""));

    /// <summary>The sum over <c>/proc/PID/smaps</c>: private pages of each, and of the pages that a file's mapping shares the most that one of them has.</summary>
    internal static long OccupiedIn(IEnumerable<string> maps)
    {
        long own = 0;
        Dictionary<string, long> shared = [];
        foreach (string map in maps)
        {
            Dictionary<string, long> sharedHere = [];
            string file = "";
            foreach (string line in map.Split('\n'))
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length >= 5 && !fields[0].EndsWith(':'))
                    file = fields.Length > 5 ? $"{fields[5]} {fields[1]} {fields[2]}" : "";
                else if (fields is ["Private_Clean:" or "Private_Dirty:", var mine, ..])
                    own += long.Parse(mine, CultureInfo.InvariantCulture);
                else if (fields is ["Shared_Clean:" or "Shared_Dirty:", var ours, ..])
                    sharedHere[file] = sharedHere.GetValueOrDefault(file) + long.Parse(ours, CultureInfo.InvariantCulture);
            }
            foreach ((string name, long kibibytes) in sharedHere)
                shared[name] = Math.Max(shared.GetValueOrDefault(name), kibibytes);
        }
        return own + shared.Values.Sum();
    }

    /// <summary>The parent in a line of <c>/proc/PID/stat</c>: the second field after the command, which stands in parentheses and may hold any character.</summary>
    internal static int? ParentIn(string stat)
    {
        int end = stat.LastIndexOf(')');
        string[] fields = end < 0 ? [] : stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out int parent) ? parent : null;
    }

    /// <summary>VmRSS of <c>/proc/PID/status</c>, in KiB; 0 where there is none.</summary>
    internal static long ResidentIn(string status)
    {
        foreach (ReadOnlySpan<char> line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("VmRSS:") && long.TryParse(line["VmRSS:".Length..].Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture, out long kibibytes))
                return kibibytes;
        }
        return 0;
    }

    private static string? ReadOrNull(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;                // it has ended
        }
    }
}
