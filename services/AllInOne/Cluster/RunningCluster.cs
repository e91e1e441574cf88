using System.Text.Json;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>What runs, for those who look inside: tests, benchmarks, a curious operator. Holds passwords, so only its owner may read the file.</summary>
/// <param name="Processes">All of them.</param>
/// <param name="Postgres">Npgsql's connection string, as a superuser.</param>
/// <param name="Redis">Host and port.</param>
/// <param name="RabbitMq">AMQP URL, if there is a broker.</param>
internal sealed record RunningCluster(IReadOnlyList<RunningProcess> Processes, string Postgres, string Redis, string? RabbitMq)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the file, mode 0600.</summary>
    public void Write(string path)
    {
        File.Delete(path);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        JsonSerializer.Serialize(file, this, s_json);
    }
}

/// <summary>One process.</summary>
/// <param name="Name"><c>edge</c>, <c>worker-1</c>, <c>redis</c> …</param>
/// <param name="ProcessId">Its process id.</param>
/// <param name="LogFile">What it writes; <see langword="null"/> for a store.</param>
internal sealed record RunningProcess(string Name, int ProcessId, string? LogFile);
