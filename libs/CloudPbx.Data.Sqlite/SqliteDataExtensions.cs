using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Sqlite;

/// <summary>Registration of the data on SQLite: all-in-one, tests.</summary>
public static class SqliteDataExtensions
{
    /// <summary>Adds the contexts on one SQLite file. Configuration section <c>Sqlite</c>, see <see cref="SqliteOptions"/>.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddSqliteData(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<SqliteOptions, SqliteOptionsValidator>().BindConfiguration("Sqlite");
        builder.Services.AddPbxData<SqliteFaults, SqliteSchema>(Use, Use);
        return builder;
    }

    private static void Use(IServiceProvider services, DbContextOptionsBuilder options) =>
        options.UseSqlite(ConnectionString(services.GetRequiredService<IOptions<SqliteOptions>>().Value.Path), Migrations);

    private static string ConnectionString(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        ForeignKeys = true,
        DefaultTimeout = 5,                                                             // seconds that a writer waits for another
        Pooling = true,
    }.ToString();

    internal static void Migrations(Microsoft.EntityFrameworkCore.Infrastructure.SqliteDbContextOptionsBuilder sqlite) =>
        sqlite.MigrationsAssembly(typeof(SqliteDataExtensions).Assembly.GetName().Name);
}
